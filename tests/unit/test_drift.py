"""Drift between two runs: what moved is told, and only a worse verdict fails."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from repro import tables
from repro.claims import COLUMNS as OF_PART
from scripts.publish import drift, reference, scorecard

KINDS = {"seed": "int", "law": "str", "loss": "float?*", "seconds": "float"}
COLUMNS = {name: {"type": kind, "meaning": "", "unit": "1"} for name, kind in KINDS.items()}


def table(n: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {"seed": range(n), "law": ["gauss", "laplace"] * (n // 2), "loss": rng.exponential(size=n), "seconds": rng.random(n)}
    )


def claims(**verdicts: str) -> pd.DataFrame:
    row = dict.fromkeys(OF_PART) | {"paper": "p", "figures": "f", "role": "claim", "basis": "theorem", "statement": "holds", "part": "only"}
    row |= {"compare": "value", "measured": 0.5, "margin": 0.25, "note": ""}
    row |= {"measured_in": "numerics", "source": "E1", "label": "only", "measures": "a number", "strict": False}
    return pd.DataFrame([row | {"claim": name, "verdict": verdict} for name, verdict in verdicts.items()])


def picture(path: Path, height: float = 0.5, size: tuple[int, int] = (700, 500)) -> None:
    """A curve on white, ending at `height` of the picture."""
    image = Image.new("RGB", size, "white")
    points = [(x, size[1] * (1 - height * (x / size[0]) ** 2)) for x in range(0, size[0], 10)]
    ImageDraw.Draw(image).line(points, fill="blue", width=4)
    image.save(path)


def folder(root: Path, *, verdicts: pd.DataFrame | None = None, frame: pd.DataFrame | None = None, height: float = 0.5) -> Path:
    """A results folder with one paper of one table, one figure and two claims."""
    (root / "quick/p").mkdir(parents=True)
    card = scorecard.compute(claims(C1="reproduced", C2="not_judged") if verdicts is None else verdicts)
    tables.write(card, root / "quick/scorecard.parquet", scorecard.COLUMNS, {})
    frame = table() if frame is None else frame
    columns = COLUMNS | {name: {"type": "float", "meaning": "", "unit": "1"} for name in frame if name not in COLUMNS}
    tables.write(frame, root / "quick/p/t.parquet", {name: columns[name] for name in frame}, {})
    picture(root / "quick/p/fig.png", height)
    return root / "quick"


@pytest.fixture(params=["folder", "reference"])
def compared(request: pytest.FixtureRequest, tmp_path: Path):
    """Drift of a doctored folder from the plain one: against the folder itself, and against its reference."""

    def run(tolerances: drift.Tolerances = drift.TOLERANCES, **doctored) -> tuple[str, int]:
        base = folder(tmp_path / "base")
        if request.param == "reference":
            reference.write(reference.of_folder(base), tmp_path / "kept")
            base = tmp_path / "kept"
        return drift.drift(str(base), folder(tmp_path / "head", **doctored), tolerances)

    return run


def test_equal_runs_show_no_drift_whatever_the_seconds_say(compared) -> None:
    text, worse = compared(frame=table().assign(seconds=9.0))
    assert "Nothing changed." in text
    assert worse == 0


@pytest.mark.parametrize("verdict", ["not_judged", "not_reproduced"])
def test_a_worse_verdict_is_counted_and_shown(compared, verdict: str) -> None:
    text, worse = compared(verdicts=claims(C1=verdict, C2="not_judged"))
    assert worse == 1
    assert f"| p/C1 | reproduced | {verdict.replace('_', ' ')} |" in text


def test_a_claim_that_is_gone_counts_as_worse_and_a_new_one_does_not(compared) -> None:
    text, worse = compared(verdicts=claims(C2="not_judged", C3="not_reproduced"))
    assert worse == 1
    assert "| p/C1 | reproduced | not there |" in text
    assert "| p/C3 | not there | not reproduced |" in text


def test_a_paper_that_is_not_in_the_run_is_left_out_and_named(compared) -> None:
    text, worse = compared(verdicts=claims(C1="reproduced").assign(paper="q"))
    assert worse == 0
    assert "| p |" in text
    assert "p/C1" not in text
    assert "| q/C1 | not there | reproduced |" in text


def test_a_better_verdict_is_told_and_fails_nothing(compared) -> None:
    text, worse = compared(verdicts=claims(C1="reproduced", C2="reproduced"))
    assert worse == 0
    assert "1 other verdicts changed" in text


def test_a_margin_that_moves_within_its_verdict_is_told(compared) -> None:
    text, worse = compared(verdicts=claims(C1="reproduced", C2="not_judged").assign(margin=[0.01, 0.25]))
    assert worse == 0
    assert "| p/C1 | 0.25 | 0.01 |" in text


def test_one_changed_number_is_found_in_its_column(compared) -> None:
    frame = table()
    frame.loc[3, "loss"] += 0.1
    text, worse = compared(frame=frame)
    assert worse == 0
    assert "1 columns changed" in text
    assert "| p/t | loss |" in text


def test_what_moves_within_rounding_is_one_line(compared) -> None:
    frame = table()
    frame["loss"] *= 1 + 1e-6
    moved = claims(C1="reproduced", C2="not_judged").assign(margin=[0.25 * (1 + 1e-6), 0.25])
    text, worse = compared(frame=frame, verdicts=moved)
    assert worse == 0
    assert "Moved within rounding (relative change below 0.0001): 2 margins and columns." in text
    assert "p/C1" not in text
    assert "| p/t |" not in text


def test_a_column_that_moves_within_rounding_hides_no_other(compared) -> None:
    frame = table()
    frame["loss"] *= 1 + 1e-6
    text, _ = compared(frame=frame.assign(seed=frame["seed"] + 1))
    assert "| p/t | seed |" in text or "| p/t | rows |" in text
    assert "Nothing" not in text


def test_noise_below_the_tolerance_is_no_drift(compared) -> None:
    frame = table()
    frame["loss"] *= 1 + 1e-12
    assert "Nothing changed." in compared(frame=frame)[0]


def test_a_column_can_have_a_tolerance_of_its_own(compared) -> None:
    frame = table()
    frame["loss"] *= 1.001
    assert "Nothing changed." in compared(drift.tolerances_of(["loss=0.01"]), frame=frame)[0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_is_lost_or_diverges_is_found(compared, value: float) -> None:
    frame = table()
    frame.loc[3, "loss"] = value
    assert "| p/t | loss |" in compared(frame=frame)[0]


def test_removed_rows_are_counted_and_the_others_found_equal(tmp_path: Path) -> None:
    text, _ = drift.drift(str(folder(tmp_path / "base")), folder(tmp_path / "head", frame=table().drop(index=[2, 5])))
    assert "| p/t | rows | 20 → 18 |" in text
    assert "| p/t | rows | 2 removed, 0 added |" in text
    assert "2 columns changed" in text


def test_added_and_removed_columns_are_told(compared) -> None:
    text, _ = compared(frame=table().rename(columns={"loss": "risk"}))
    assert "| p/t | loss | column removed |" in text
    assert "| p/t | risk | column added |" in text


def test_rows_that_change_places_are_found_where_nothing_tells_them_apart(compared) -> None:
    frame = table().drop(columns="seed").iloc[::-1]
    assert "| p/t | loss |" in compared(frame=frame)[0]


def test_other_words_are_found(compared) -> None:
    assert "| p/t |" in compared(frame=table().replace("laplace", "uniform"))[0]


def test_a_moved_curve_is_seen_in_its_figure(compared) -> None:
    assert "| p/fig |" in compared(height=0.8)[0]


def test_a_figure_of_another_size_is_told(tmp_path: Path) -> None:
    base, head = folder(tmp_path / "base"), folder(tmp_path / "head")
    picture(head / "p/fig.png", size=(700, 520))
    assert "| p/fig | other size |" in drift.drift(str(base), head)[0]


def test_added_and_removed_tables_and_figures_are_told(tmp_path: Path) -> None:
    base, head = folder(tmp_path / "base"), folder(tmp_path / "head")
    (head / "p/fig.png").rename(head / "p/other.png")
    (head / "p/t.parquet").rename(head / "p/u.parquet")
    text, _ = drift.drift(str(base), head)
    for line in ("| p/t |  | removed |", "| p/u |  | added |", "| p/fig | removed |", "| p/other | added |"):
        assert line in text


def test_the_reference_of_a_commit_can_be_the_base(tmp_path: Path) -> None:
    head = folder(tmp_path / "head")
    reference.write(reference.of_folder(head), tmp_path / "repository/reference/quick")
    who = ["-c", "user.name=n", "-c", "user.email=n@n"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "c"], ["tag", "v1"]):
        subprocess.run(["git", *command], cwd=tmp_path / "repository", check=True)
    assert "Nothing changed." in drift.drift("v1", head, root=tmp_path / "repository")[0]
    with pytest.raises(FileNotFoundError, match="v2: neither a folder with results nor a commit with reference/quick/"):
        drift.drift("v2", head, root=tmp_path / "repository")


def test_what_git_says_is_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = folder(tmp_path / "head")
    with pytest.raises(FileNotFoundError, match=r"v1: neither a folder .*; git says: fatal: not a git repository"):
        drift.drift("v1", head, root=tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match=r"v1: neither a folder .*: git is not installed"):
        drift.drift("v1", head, root=tmp_path)


def test_a_run_that_did_not_end_and_a_missing_reference_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no scorecard.parquet; run make figures first"):
        drift.drift("", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no scorecard.csv; make reference writes it"):
        drift.drift("", folder(tmp_path / "head"), root=tmp_path)


def test_a_long_report_is_cut(tmp_path: Path) -> None:
    names = [f"C{n}" for n in range(drift.MOST_LINES + 5)]
    base = folder(tmp_path / "base", verdicts=claims(**dict.fromkeys(names, "reproduced")))
    text, worse = drift.drift(str(base), folder(tmp_path / "head", verdicts=claims(**dict.fromkeys(names, "not_reproduced"))))
    assert worse == len(names)
    assert "… and 5 more" in text


@pytest.mark.parametrize(("verdict", "status"), [("reproduced", 0), ("not_reproduced", 1)])
def test_the_command_writes_its_report_and_fails_only_when_a_verdict_is_worse(tmp_path: Path, verdict: str, status: int) -> None:
    base, head = folder(tmp_path / "base"), folder(tmp_path / "head", verdicts=claims(C1=verdict, C2="not_judged"), height=0.9)
    command = [sys.executable, "-m", "scripts.publish.drift", "--base", base, "--head", head, "--output", tmp_path / "d.md"]
    done = subprocess.run(command, cwd=reference.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    assert done.stdout.strip() == (tmp_path / "d.md").read_text().strip()


def test_the_reference_in_the_repository_is_small_and_readable() -> None:
    kept = reference.ROOT / "reference" / "quick"
    assert reference.of_reference(kept)["scorecard"]
    assert sum(path.stat().st_size for path in kept.iterdir()) < 200_000


@pytest.mark.parametrize("command", ["drift", "bench", "plan", "why"])
def test_commands_do_without_their_docstrings(command: str) -> None:
    asked = [sys.executable, "-OO", "-m", f"scripts.publish.{command}", "--help"]
    done = subprocess.run(asked, cwd=reference.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_commands_end_well_on_a_terminal_without_unicode(tmp_path: Path) -> None:
    base, head = folder(tmp_path / "base"), folder(tmp_path / "head", verdicts=claims(C1="not_reproduced", C2="not_judged"))
    command = [sys.executable, "-m", "scripts.publish.drift", "--base", base, "--head", head, "--output", tmp_path / "é.md"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=reference.ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    for file in (reference.ROOT / "scripts/publish").glob("*.py"):
        printed = re.findall(r"^\s*(?:print\(|sys\.stdout\.write\().*", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert [line for line in printed if not line.isascii()] == [], file.name
