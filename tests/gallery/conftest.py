"""A made-up session of two papers: yaml, tables and figures in a folder of results, and the site that is made of them."""

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from PIL import Image

from repro import claims as judging
from repro import settings, tables
from scripts.publish import gallery
from scripts.publish.pages import render
from scripts.publish.scorecard import COLUMNS, compute
from tests.gallery.browser import Browser, program, running
from tests.gallery.reader import Reader, pages

SHOWS = "Smallest excess risk over the stepsize grid, for $\\lambda_i = i^{-2}$, see E1. <script>alert(1)</script> & more."
HASHES = {"mnist": {"title": "MNIST", "files": {"images.gz": {"images": "ab" * 32}}}}
MADE = {"commit": "0123456789ab", "machine": "Linux x86_64, 2 cores, Python 3.11", "source": ""}
WU, BIGGS = "wu_last_iterate/index.html", "biggs_bounds/index.html"
WU_TABLES, BIGGS_TABLES = "wu_last_iterate/tables.html", "biggs_bounds/tables.html"

EXPLORE = {
    "offers": "Choose the schedule $s$ <b>",
    "table": "tuned_risk",
    "x": {"n_train // 2": "pairs"},
    "y": {"risk * (1 + n_train % 2)": "risk </script>"},
    "choose": {"schedule": "schedule"},
    "lines": {"schedule": "{}", "n_train % 2": "odd {}"},
    "relative": True,
    "spread": "range of seeds",
}


def figure(label: str, title: str, *names: str, **other: Any) -> dict[str, Any]:
    facts = {"numbering": "memory", "layout": "ours", "settings": {"quick": "ours", "paper": "published", "says": "$N = 64$, 8 seeds"}}
    if label.startswith("Companion"):
        facts["numbering"] = "none"
    told = {
        "shows": SHOWS,
        "finding": [{"text": "Geometric decay wins: {C5.ratio_at_2048:.2f}.", "claims": ["C5"]}],
        "differs": "Layout ours.",
        "alt": "Geometric decay has the smallest excess risk of all schedules.",
    }
    return {"label": label, "title": title, "tables": list(names), **facts, **told, **other}


def run(*names: str, count: str = "n_seeds", datasets: tuple[str, ...] = (), **cost: Any) -> dict[str, Any]:
    columns = {
        "n_train": {"type": "int", "meaning": "sample size $N$"},
        "risk": {"type": "float*", "meaning": "excess risk, E1", "unit": "1"},
        "schedule": {"type": ["geometric", "constant"], "meaning": "stepsize schedule"},
    }
    return {
        "computes": "Exact risks, E1.",
        "equations": ["E1"],
        "datasets": list(datasets),
        "cost": {"cpu_s": {"smoke": 1, "quick": 1, "paper": 9000}, **cost},
        "tables": {name: {"rows": "one per sample size", "columns": columns} for name in names},
        "params": {"shared": {"dim": 256}, "smoke": {count: 1}, "quick": {count: 8}, "paper": {count: 50}},
    }


PAPERS: dict[str, dict[str, Any]] = {
    "wu_last_iterate": {
        "paper": {
            "paper": "wu_last_iterate",
            "title": "Last Iterate Risk Bounds of SGD with Decaying Stepsize for Overparameterized Linear Regression",
            "short": "Wu et al.",
            "authors": ["Jingfeng Wu", "Difan Zou", "Vladimir Braverman", "Quanquan Gu", "Sham M. Kakade"],
            "venue": "ICML 2022, PMLR 162:24280–24314",
            "arxiv": "2110.06198",
            "oral": True,
            "authors_code": None,
            "text_read": "abstract and introduction",
            "bibtex": "@inproceedings{wu2022last,\n  title = {Last Iterate Risk Bounds of {SGD}},\n  year = {2022}\n}\n",
            "in_one_sentence": "The last iterate does well in $d$ dimensions.",
            "model": ["Features $x$ of covariance $H$, as in E1."],
            "equations": {"E1": {"tex": "w_t = w_{t-1}", "says": "SGD", "from": "memory"}},
            "published": {},
        },
        "runs": {"schedules": run("tuned_risk", count="n_stepsizes"), "simulation": run("risk_trajectories", "kurtosis_test")},
        "figures": {
            "fig1": figure("Figure 1", "Tuned excess risk against sample size", "tuned_risk", explore=EXPLORE),
            "sgd": figure(
                "Companion A",
                "Simulated SGD beside the exact recursion",
                "risk_trajectories",
                "kurtosis_test",
                finding=[{"text": "Lines through dots.", "claims": ["C6"]}],
                front=True,
            ),
        },
    },
    "biggs_bounds": {
        "paper": {
            "paper": "biggs_bounds",
            "title": "Non-Vacuous Generalisation Bounds for Shallow Neural Networks",
            "short": "Biggs and Guedj",
            "authors": ["Felix Biggs", "Benjamin Guedj"],
            "venue": "ICML 2022, PMLR 162",
            "arxiv": None,
            "oral": False,
            "authors_code": "biggs/shallow-nets, no licence file; other/repo.name (MIT)",
            "text_read": "authors' code and released result tables",
            "bibtex": "@inproceedings{biggs2022}",
            "in_one_sentence": "Bounds can be small.",
            "model": ["A network."],
            "equations": {"E1": {"tex": "b", "says": "A bound.", "from": "section 2"}},
            "published": {},
        },
        "runs": {"networks": run("bounds", datasets=("mnist",), gpu_s={"smoke": 1, "quick": 1, "paper": 900})},
        "figures": {
            "fig2": figure("Figure 2", "Bounds on MNIST", "bounds", finding=[{"text": "Below one.", "claims": ["C1"]}]),
            "tab_best": figure("Table 1", "Best runs", "bounds", kind="table", finding=[{"text": "Small.", "claims": ["R1"]}]),
        },
    },
}

SIZES = {("wu_last_iterate", "fig1"): (1400, 1000), ("wu_last_iterate", "sgd"): (1400, 800), ("biggs_bounds", "fig2"): (680, 600)}
COMMENTED = ("dim: 256", "dim: 256   # [assumed]")


def row(paper: str, claim: str, part: str, verdict: str, **told: Any) -> dict[str, Any]:
    default = dict.fromkeys(judging.COLUMNS) | {"figures": "", "role": "claim", "basis": "theorem", "compare": "value", "note": ""}
    words = {"label": f"part {part}", "measures": f"largest {part}", "measured_in": "numerics", "source": "E1", "strict": False}
    own = {"paper": paper, "claim": claim, "part": part, "verdict": verdict, "statement": f"Statement of {claim}"}
    return {**default, **words, **own, **told}


CLAIMS = pd.DataFrame(
    [
        row(
            "wu_last_iterate",
            "C5",
            "ratio_at_2048",
            "reproduced",
            basis="published",
            figures="fig1",
            statement="With $w^*$ flat, tuned geometric decay beats every tuned polynomial decay <i>.",
            published=0.9,
            measured=0.883,
            std_error=0.004,
            upper=0.93,
            margin=0.047,
            n=1200,
        ),
        row("wu_last_iterate", "C6", "gaussian", "reproduced", figures="sgd", measured=1.2, lower=-4.0, upper=4.0, margin=2.8),
        row("wu_last_iterate", "C6", "laplace", "not_reproduced", figures="sgd", measured=5.5, lower=-4.0, upper=4.0, margin=-1.5),
        row("wu_last_iterate", "C7", "direction", "reproduced", measured=0.2, lower=0.0, strict=True, margin=0.2),
        row("wu_last_iterate", "N1", "wrong_model", "reproduced", role="negative_control", measured=-9.0, upper=-4.0, margin=5.0),
        row("biggs_bounds", "C1", "largest", "not_judged", basis="derived", figures="fig2", upper=0.0, note="judged at preset paper only"),
        row("biggs_bounds", "R1", "level", "reproduced", basis="regression", measured=3.1, predicted=3.0, compare="ratio", upper=1.1),
    ],
    columns=list(judging.COLUMNS),
)
TABLES_OF = {"wu_last_iterate": {"C5": "tuned_risk", "C7": "tuned_risk"}, "biggs_bounds": {"C1": "bounds", "R1": "bounds"}}


def write_yaml(folder: Path) -> None:
    """The papers as their four yaml files."""
    for key, paper in PAPERS.items():
        contract = []
        for claim, parts in CLAIMS[CLAIMS["paper"] == key].groupby("claim", sort=False):
            first = parts.iloc[0]
            shared = {word: str(first[word]) for word in ("statement", "role", "basis", "measured_in", "source")}
            table = TABLES_OF[key].get(str(claim), "risk_trajectories")
            bounds = [
                {"part": one["part"], "label": one["label"], "measures": one["measures"], "tables": [table], "compare": one["compare"]}
                | {word: None if pd.isna(one[word]) else float(one[word]) for word in ("lower", "upper")}
                | {"published": None}
                for _, one in parts.iterrows()
            ]
            figures = [name for name in str(first["figures"]).split(", ") if name]
            contract.append({"claim": str(claim), **shared, "figures": figures, "presets": ["quick", "paper"], "parts": bounds})
        (folder / key).mkdir(parents=True)
        for name, content in {**paper, "claims": contract}.items():
            text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
            (folder / key / f"{name}.yaml").write_text(text.replace(*COMMENTED), encoding="utf-8")


def write_results(folder: Path) -> None:
    """Tables, figures and scorecard of a run."""
    provenance = {"device": "cpu", "cpu_seconds": 61.0, "packages": {"numpy": "2.4.6", "torch": None}}
    for key, paper in PAPERS.items():
        sources = {"mnist": "real"} if key == "biggs_bounds" else {}
        for name in [name for one in paper["runs"].values() for name in one["tables"]]:
            n = 60_000 if name == "kurtosis_test" else 6
            frame = pd.DataFrame({"n_train": range(n), "risk": [1 / 3] * n, "schedule": ["geometric"] * n})
            tables.write(
                frame, folder / key / f"{name}.parquet", settings.table_contract(key, name)["columns"], provenance | {"sources": sources}
            )
        for name, entry in paper["figures"].items():
            (folder / key / f"{name}.pdf").write_text("pdf")
            if entry.get("kind") == "table":
                (folder / key / f"{name}.csv").write_text("network,bound\nerf <b>,0.745\n")
            else:
                Image.new("RGB", SIZES[key, name], "white").save(folder / key / f"{name}.png")
                (folder / key / f"{name}.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 500"/>')
    card = compute(CLAIMS)
    tables.write(card, folder / "scorecard.parquet", COLUMNS, {"sources": {}})
    (folder / "scorecard.md").write_text("# Scorecard\n")


def session(folder: Path, *, preset: settings.Preset | None = None, claims: pd.DataFrame = CLAIMS, **other: Any) -> gallery.Session:
    """The session that the gallery makes of a folder of results; `papers` leaves the others out."""
    preset = preset or settings.builtin("quick")
    keys = other.pop("papers", list(PAPERS))
    figures = {key: list(PAPERS[key]["figures"]) for key in keys}
    used = {key: [name for one in PAPERS[key]["runs"].values() for name in one["tables"]] for key in keys}
    claims = claims[claims["paper"].isin(keys)]
    told = gallery.read(folder, figures, used, preset)
    told |= {"sources": {"mnist": "real"}, "datasets": HASHES, "made": MADE, "folder": "results/quick", "alone": False}
    told |= {"thumbnails": dict.fromkeys(keys)} | other
    return gallery.session(scorecard=compute(claims), claims=claims, preset=preset, **told)


def rendered(folder: Path, **other: Any) -> dict[str, Reader]:
    """The pages of a folder of results, by path."""
    return {path: Reader(html) for path, html in render.pages(session(folder, **other))}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of results, while the made-up papers stand in for the real ones: no longer than a module, since other tests want those."""
    folder, real = tmp_path_factory.mktemp("session"), settings.PAPERS_FOLDER
    write_yaml(folder / "papers")
    settings.PAPERS_FOLDER = folder / "papers"
    settings.load_paper.cache_clear()
    write_results(folder / "results")
    yield folder / "results"
    settings.PAPERS_FOLDER = real
    settings.load_paper.cache_clear()


@pytest.fixture(scope="module")
def site(papers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published site."""
    folder = tmp_path_factory.mktemp("site") / "results"
    shutil.copytree(papers, folder)
    gallery.publish(session(folder), folder)
    return folder


@pytest.fixture(scope="module")
def found(site: Path) -> dict[str, Reader]:
    """The pages of the site, by path."""
    return pages(site)


@pytest.fixture(scope="module")
def alone(papers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one paper, made when only that was asked for."""
    folder = tmp_path_factory.mktemp("alone") / "results"
    shutil.copytree(papers, folder)
    gallery.save(render.pages(session(folder, papers=["biggs_bounds"], alone=True)), folder)
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    chromium = program()
    if chromium is None:
        pytest.skip("no chromium here, and no root with apt-get to install it")
    with running(chromium, tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def axe() -> str:
    found = importlib.util.find_spec("axe_core_python")
    if found is None or found.origin is None:
        pytest.skip("axe-core-python is not installed: make .venv/dev")
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")
