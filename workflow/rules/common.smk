"""Configuration, paths, parameters, and where the data come from: what all rule files use."""

import os
import shlex
import sys
from pathlib import Path

from snakemake.utils import available_cpu_count

from repro import settings, texts
from repro.files import mend_dates, sweep
from repro.fingerprint import fingerprint, keep_parsed, words_of
from scripts.datasets.sources import DECODED, choose_source
from scripts.publish import alone, captions, targets, terminal, why
from scripts.publish.closing import closing_words

try:
    HAS_CONFIG = settings.has_keys(Path("config.yaml"))
except settings.SettingsError as error:
    sys.exit(str(error))

if HAS_CONFIG:

    configfile: "config.yaml"


try:
    CONFIG = settings.complete_config(config)
    PRESET = settings.resolve_preset(CONFIG)
    PAPERS = {key: settings.load_paper(key) for key in settings.selected_papers(CONFIG)}
    DATASETS = settings.load_yaml(settings.ROOT / "workflow" / "datasets.yaml")
    NEEDED = sorted({name for paper in PAPERS.values() for run in paper["runs"].values() for name in run["datasets"]})
    # where a module's `prefix` puts the folder; the paths below get it from Snakemake
    PLACE = {**CONFIG["datasets"], "folder": str(workflow.modifier.modify_path(CONFIG["datasets"]["folder"]))}
    ON_DATA = [
        Path(str(workflow.modifier.modify_path(f"results/{PRESET.name}/{key}/{name}.parquet")))
        for key, paper in PAPERS.items()
        for run in paper["runs"].values()
        for name in run["tables"]
        if run["datasets"]
    ]
    SOURCE, OBSTACLES = choose_source(
        NEEDED,
        PLACE,
        sample_only=PRESET.base == "smoke",
        decide=workflow.is_main_process,
        finished=all(path.is_file() for path in ON_DATA),
    )
except settings.SettingsError as error:
    sys.exit(str(error))

# fetch.py reads the mirrors from the configuration: they choose where bytes come from, never which
config["datasets"] = CONFIG["datasets"]
DATA = CONFIG["datasets"]["folder"]
FELL_BACK = SOURCE == "sample" and PRESET.base != "smoke"
RESULTS_NAME = f"{PRESET.name}-sample" if FELL_BACK else PRESET.name
RESULTS = f"results/{RESULTS_NAME}"

if FELL_BACK and workflow.is_main_process:
    print(
        f"SAMPLE DATA: {', '.join(NEEDED)} are not in {DATA}/real and cannot be had ({'; '.join(OBSTACLES)}). The run uses the embedded "
        f"sample, writes to {RESULTS} and judges no claim that rests on data. For real data set DATASET_MIRROR or datasets.mirrors.",
        file=sys.stderr,
    )


if workflow.is_main_process and not workflow.output_settings.dryrun:
    if ahead := mend_dates(Path(RESULTS), Path(DATA)):
        print(
            f"{len(ahead)} files, {ahead[0]} first, were dated in the future and have today's date now.",
            file=sys.stderr,
        )


# Snakemake hands the path of Python to the shell as it is, and a folder may be called "My Project".
if Path(sys.executable).is_file():
    sys.executable = shlex.quote(sys.executable)


wildcard_constraints:
    shard=r"\d+",


def by_preset(**values):
    """The value for the built-in preset behind this run."""
    return values[PRESET.base]


def memory(**script):
    """Memory of a job in MB: what its script needs at the preset, times the attempt, and 300 for the Snakemakes around it on a cluster."""
    return lambda wildcards, attempt: attempt * by_preset(**script) + 300


def gpu_at(*presets):
    """1 at the presets in which a job asks for a GPU, else 0."""
    return int(PRESET.base in presets)


def own(path):
    """A file of this project, seen from the working directory: another one where the workflow is imported as a module."""
    return local(os.path.relpath(settings.ROOT / path))


def dataset(*names):
    """Input of whatever reads decoded datasets: name → its files.

    The provenance, which holds the hashes of what was decoded, stands for the arrays: it is small, so Snakemake compares it by content.
    Arrays are too large for that, and their times change when a project is copied.
    """
    first, *arrays = DECODED
    folders = {name: f"{DATA}/{SOURCE}/{name}" for name in names}
    return {
        name: [f"{folder}/{first}", *(ancient(f"{folder}/{file}") for file in arrays)]
        for name, folder in folders.items()
    }


# Priority of a dataset's jobs: above all costs, since what is dearest waits for them.
DATA_FIRST = 1_000_000


def by_cost(paper, run):
    """Priority of a job: the seconds that it takes, so that the dearest start first."""
    return round(by_preset(**PAPERS[paper]["runs"][run]["cost"]["cpu_s"]) / n_shards(paper, run))


def n_shards(paper, run):
    """Number of jobs into which a run is split at this preset."""
    return settings.load_params(paper, run, PRESET).get("shards", 1)


def shard_suffix(paper, run):
    return ".shard-{shard}" if n_shards(paper, run) > 1 else ""


def table(paper, name):
    """Path of one table."""
    return f"{RESULTS}/{paper}/{name}.parquet"


def tables(paper, run):
    """Output of a run: table → path, one file a shard where the run is split."""
    suffix = shard_suffix(paper, run)
    return {name: f"{RESULTS}/{paper}/{name}{suffix}.parquet" for name in PAPERS[paper]["runs"][run]["tables"]}


def tables_of(paper):
    """(run, table) of all tables of a paper."""
    return [(run, name) for run, entry in PAPERS[paper]["runs"].items() for name in entry["tables"]]


def log_of(paper, name):
    """Log of a run, a figure or the claims."""
    suffix = shard_suffix(paper, name) if name in PAPERS[paper]["runs"] else ""
    return f"logs/{RESULTS_NAME}/{paper}/{name}{suffix}.log"


def bench_of(paper, name):
    """Time and memory of a job, as Snakemake records them."""
    suffix = shard_suffix(paper, name) if name in PAPERS[paper]["runs"] else ""
    return f"benchmarks/{RESULTS_NAME}/{paper}/{name}{suffix}.tsv"


def params(paper, run):
    """Parameters of a run at this preset; of one shard of them where the run is split."""
    whole = settings.load_params(paper, run, PRESET)
    shards = whole.pop("shards", 1)
    if shards == 1:
        return whole
    axis = PAPERS[paper]["runs"][run]["shards"]
    return lambda wildcards: settings.shard(whole, axis, int(wildcards.shard), shards)


def drawn(entry):
    """Whether a figure exists at this preset; smoke draws what quick draws."""
    return by_preset(smoke="quick", quick="quick", paper="paper") in entry.get("presets", ["quick", "paper"])


def figures(paper):
    """Figures of a paper at this preset: name → entry of its yaml."""
    return {name: entry for name, entry in PAPERS[paper]["figures"].items() if drawn(entry)}


def told_figures(paper):
    """Figures of a paper with their settings in words."""
    drawn_here = figures(paper).items()
    return {
        name: {**entry, "settings_text": settings.figure_about(paper, name, PRESET)["settings"]}
        for name, entry in drawn_here
    }


def caption(paper, name):
    """What the report says beneath a figure: what it shows and how it differs, true whatever the run. Converted in its own job only."""
    entry = PAPERS[paper]["figures"][name]
    told = [" · ".join(texts.facts(entry, PRESET.base)), entry["shows"], entry.get("differs", "")]
    return lambda wildcards: [texts.plain(text) for text in told if text]


def figure_files(paper, name):
    """The files of a figure, or of a table that readers see."""
    kinds = ["pdf", "csv"] if PAPERS[paper]["figures"][name].get("kind") == "table" else ["pdf", "svg", "png"]
    return {kind: f"{RESULTS}/{paper}/{name}.{kind}" for kind in kinds}


def shown(paper, name):
    """Which of its files stands for a figure in the report: csv for a table, else png."""
    return list(figure_files(paper, name))[-1]


def claim_tables(paper):
    """Tables that the claims judged at this preset read; at smoke all tables, so that everything is run."""
    if PRESET.base == "smoke":
        return [name for _, name in tables_of(paper)]
    judged = [claim for claim in PAPERS[paper]["claims"] if PRESET.base in claim["presets"]]
    return sorted({name for claim in judged for part in claim["parts"] for name in part["tables"]})


def claims_file(paper):
    return f"{RESULTS}/{paper}/claims.parquet"


def scorecard_rule(paper):
    """Rule that makes the scorecard of one paper, or on None of all; those of all have one word for a name."""
    return f"{paper}_scorecard" if paper else "scorecard"


def page_rule(paper):
    """Rule that makes the page of one paper, or on None of all."""
    return f"{paper}_page" if paper else "gallery"


def scorecard_file(paper):
    """Scorecard of one paper, or on None of all, without its ending."""
    return f"{RESULTS}/{paper or 'scorecard'}"


def page_file(paper):
    """Page of one paper, or on None of all; in one folder, since both name figures from there."""
    return f"{RESULTS}/{paper or 'index'}.html"


def used_tables(paper):
    """Tables that the figures and the claims of a paper read at this preset."""
    return sorted({name for entry in figures(paper).values() for name in entry["tables"]} | set(claim_tables(paper)))


def products(paper):
    """Tables, figures and verdicts of a paper."""
    drawings = [path for name in figures(paper) for path in figure_files(paper, name).values()]
    return [claims_file(paper), *drawings, *(table(paper, name) for name in used_tables(paper))]


def site_files():
    """What the site has beside its first page, and beside figures and tables."""
    shared = ["claims.html", "open.html", "how.html", "site.json", "scorecard.csv"]
    pages = [f"{paper}/{page}.html" for paper in PAPERS for page in ["index", "tables"]]
    thumbnails = [f"{paper}/thumbnail.png" for paper in PAPERS if captions.front(figures(paper))]
    numbers = [f"{paper}/{name}.csv" for paper in PAPERS for name in used_tables(paper)]
    return [f"{RESULTS}/{path}" for path in shared + pages + thumbnails + numbers]


def all_targets():
    """Names of rules and files that can be asked for."""
    names = {rule.name for rule in workflow.rules if not rule.has_wildcards()}
    return names | {str(path) for rule in workflow.rules for path in rule.output}


DATA_IN_WORDS = "real data" if SOURCE == "real" else "sample data"
RUN = terminal.Run(RESULTS_NAME, PRESET.base, PAPERS, data=DATA_IN_WORDS if NEEDED else "no data needed")
# Not in a workflow that imports this one: what is shown there is its own affair.
IS_OURS = workflow.is_main_process and Path(str(workflow.main_snakefile)).resolve().parent == settings.ROOT
TERMINAL = terminal.Terminal(RUN)
if IS_OURS:
    terminal.follow(TERMINAL, workflow.output_settings)
    # A number in our profile would overrule that of a user's own profile.
    if workflow.resource_settings.cores is None and workflow.resource_settings.nodes is None:
        workflow.resource_settings.cores = available_cpu_count()
        workflow.register_resource("_cores", workflow.resource_settings.cores)
    OTHERS = {*settings.PRESETS, *CONFIG["presets"]} - {PRESET.name}
    targets.answer(all_targets, results_name=RESULTS_NAME, presets=sorted(OTHERS))


def first_steps():
    """Stop where another run makes the same, and sweep what killed ones left."""
    if other := alone.taken(alone.parts_of(TERMINAL.counts, PAPERS, RESULTS_NAME)):
        sys.exit(
            f"Another run is at work here on the same ({other}): wait until it has ended, or stop it. Nothing was begun."
        )
    sweep(Path(RESULTS), Path(DATA), Path("logs"))


def last_words(failed):
    """Print at the end: the scorecard of what was asked for, or what there is and what failed."""
    told = {
        key: {"short": PAPERS[key]["short"], "products": products(key) if whole else [claims_file(key)]}
        for key, whole in TERMINAL.asked.items()
    }
    kept = {"sampled": FELL_BACK, "failed": failed, "made": TERMINAL.made, "since": TERMINAL.since}
    terminal.say(closing_words(Path(RESULTS), Path(f"logs/{RESULTS_NAME}"), told, **kept))
