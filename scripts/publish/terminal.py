"""What a run shows on the terminal: how long it takes, how far it is, each finished figure, each paper's verdicts.

Snakemake tells a handler of its logger of every job. This one listens there and keeps Snakemake's housekeeping off the terminal; all of
it stays in .snakemake/log, and what a script says in the job's own log. Whoever chooses what to see (-n, --quiet, --verbose, --logger,
--printshellcmds, --debug-dag) gets Snakemake's own words.
"""

import logging
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from repro import texts
from scripts.publish import costs, wording
from scripts.publish.closing import claims_of

# Snakemake's events that our lines stand for, and those of its sentences that tell a reader nothing.
HIDDEN = frozenset(
    "workflow_started run_info resources_info job_info job_started job_finished progress shellcmd group_info".split()  # noqa: SIM905
)
HOUSEKEEPING = ("Select jobs to execute", "Building DAG of jobs", "Using shell", "Conda environments: ignored", "Elapsed time")


@dataclass(frozen=True)
class Run:
    """What is known of a run when its rules are read.

    `name` is that of its results folder, `base` the built-in preset behind it, `papers` key → contract, `data` says which data it has.
    """

    name: str
    base: str
    papers: Mapping[str, Mapping[str, Any]]
    data: str

    @property
    def results(self) -> Path:
        """Folder of the results."""
        return Path("results") / self.name

    @property
    def logs(self) -> Path:
        """Folder of the logs."""
        return Path("logs") / self.name


@dataclass
class Running:
    """A job at work: what it is called, its rule, its first output, when it began."""

    name: str
    rule: str
    output: str
    began: float


def say(text: str, stream: TextIO | None = None) -> None:
    """Print, with what the terminal's encoding lacks replaced: the last words must not fail a finished run."""
    stream = stream or sys.stdout
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), file=stream, flush=True)


class Terminal(logging.Handler):
    """Follows a run by Snakemake's events and tells it on `stream`; on None it follows in silence."""

    def __init__(self, run: Run, stream: TextIO | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.INFO)
        self.run, self.stream, self.now = run, stream, now
        self.cores, self.gpu, self.broken = 0, False, False
        self.targets: set[str] = set()
        self.counts: dict[str, int] = {}
        self.waiting: dict[str, int] = {}
        self.seconds: dict[str, float] = {}
        self.running: dict[int, Running] = {}
        self.made: list[str] = []
        self.began, self.since = now(), time.time()
        self.spent = self.done = 0.0  # seconds of finished jobs: as they took, as they had been expected

    def emit(self, record: logging.LogRecord) -> None:
        """Follow one of Snakemake's events."""
        follow = getattr(self, f"on_{getattr(record, 'event', None)}", None)
        if follow is not None and not self.broken:
            try:
                follow(record)
            except Exception as error:  # a line on the terminal must not stop a run, nor be told for every job
                self.broken = True
                logging.getLogger("snakemake.logging").warning("progress is not shown: %s: %s", type(error).__name__, error)

    def on_resources_info(self, record: Any) -> None:
        """Cores and GPUs that the run may use."""
        self.cores = getattr(record, "cores", self.cores)
        if hasattr(record, "provided_resources"):
            self.gpu = bool(record.provided_resources.get("gpu").value)

    def on_run_info(self, record: Any) -> None:
        """Number of jobs of each rule; what only names a target costs nothing and is no job."""
        self.targets = set(record.stats)
        targets = {"all", "total", *self.run.papers}
        self.counts = {rule: count for rule, count in record.stats.items() if rule not in targets}
        self.waiting = dict(self.counts)
        self.seconds = costs.of_rules(self.counts, self.run.logs, self.run.papers, base=self.run.base, gpu=self.gpu)

    def start(self) -> None:
        """The first line of a run."""
        self.began = self.now()
        each = [self.seconds[rule] for rule, count in self.counts.items() for _ in range(count)]
        if self.cores:
            cost = f"about {costs.clock(costs.START_SECONDS + costs.wall(each, self.cores))} on {_number(self.cores, 'core')}"
        else:
            cost = f"about {costs.in_words(sum(each))} of computing"
        self._line(" · ".join([self.run.name, self.run.data, _number(len(each), "job"), cost]))

    def on_job_info(self, record: Any) -> None:
        """A job begins."""
        if record.rule_name in self.counts:
            name = self._called(record.rule_name, dict(record.wildcards or {}))
            self.running[record.jobid] = Running(name, record.rule_name, next(iter(record.output), ""), self.now())
            self.waiting[record.rule_name] -= 1
            self._live()

    def on_job_finished(self, record: Any) -> None:
        """A job is done: a line for it, or on a terminal only for a figure and for verdicts."""
        job = self.running.pop(record.job_id, None)
        if job is None:
            return
        self._count(job, self.now() - job.began)
        self.made.append(job.output)
        news = self._news(job)
        if news or not self._is_live:
            self._line(f"{self._progress()} · {news or job.name}")
        self._live()

    def on_job_error(self, record: Any) -> None:
        """A job failed: Snakemake shows why, its time is over, and it tells nothing of the pace."""
        job = self.running.pop(record.jobid, None)
        if job is not None:
            self._count(job, self.seconds[job.rule])

    def shown(self, record: logging.LogRecord) -> bool:
        """Whether a line of Snakemake's own belongs on the terminal."""
        known = getattr(record, "event", None) in HIDDEN or str(record.msg).startswith(HOUSEKEEPING)
        news = record.levelno >= logging.WARNING or self.broken or not known
        if news and self._is_live:
            self._overwrite("")
        return news

    @property
    def asked(self) -> dict[str, bool]:
        """Papers that were asked for, and whether with all their figures or for their verdicts alone: none where single files were."""
        if self.targets & {"all", "scorecard", "gallery"}:
            return dict.fromkeys(self.run.papers, True)
        whole = {key: bool(self.targets & {key, f"{key}_page"}) for key in self.run.papers}
        return {key: figures for key, figures in whole.items() if figures or self.targets & {f"{key}_claims", f"{key}_scorecard"}}

    def _count(self, job: Running, took: float) -> None:
        self.spent += took
        self.done += self.seconds[job.rule]

    def left(self) -> float:
        """Seconds until the end, at the pace of the jobs so far."""
        now = self.now()
        rest = [max(0.0, self.seconds[job.rule] - (now - job.began)) for job in self.running.values()]
        rest += [self.seconds[rule] for rule, count in self.waiting.items() for _ in range(count)]
        total = sum(self.seconds[rule] * count for rule, count in self.counts.items())
        pace = self.spent / self.done if self.done > 0.05 * total else 1.0
        return pace * costs.wall(rest, max(1, self.cores))

    def _progress(self) -> str:
        total = sum(self.seconds[rule] * count for rule, count in self.counts.items())
        share = 100 * self.done / total if total else 100
        left = f"about {costs.clock(self.left())} left" if self.cores else "on the cluster"
        return f"{share:3.0f} % · {costs.clock(self.now() - self.began)} · {left}"

    def _called(self, rule: str, wildcards: Mapping[str, Any]) -> str:
        key = self._paper(rule)
        part = f" {int(wildcards['shard']) + 1}/{self.counts[rule]}" if "shard" in wildcards else ""
        return f"{self.run.papers[key]['short']}: {rule.removeprefix(f'{key}_')}{part}" if key else rule.replace("_", " ")

    def _paper(self, rule: str) -> str:
        return next((key for key in self.run.papers if rule.startswith(f"{key}_")), "")

    def _news(self, job: Running) -> str:
        """What a reader waits for: a figure, or the verdicts on a paper."""
        key = self._paper(job.rule)
        name = job.rule.removeprefix(f"{key}_")
        if not key:
            return ""
        paper = self.run.papers[key]
        if name in paper["figures"]:
            return f"{paper['short']}, {texts.label(paper['figures'][name])}: {job.output}"
        if name == "claims" and (rows := claims_of(self.run.results, key)):
            return f"{paper['short']}: {wording.headline(rows)}"
        return ""

    @property
    def _is_live(self) -> bool:
        return self.stream is not None and self.stream.isatty()

    def _live(self) -> None:
        """On a terminal the last line says what is at work; the next line takes its place."""
        if self._is_live and self.running:
            self._overwrite(f"{self._progress()} · {', '.join(job.name for job in self.running.values())}")

    def _overwrite(self, text: str) -> None:
        if self.stream is not None:
            width = shutil.get_terminal_size().columns - 1
            encoding = self.stream.encoding or "utf-8"
            self.stream.write(text[:width].ljust(width).encode(encoding, "replace").decode(encoding) + "\r")
            self.stream.flush()

    def _line(self, text: str) -> None:
        if self._is_live:
            self._overwrite("")
        if self.stream is not None:
            say(text, self.stream)


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def follow(terminal: Terminal, output: Any) -> None:
    """Listen to Snakemake's logger from here on; `output` are its settings of what is shown."""
    logger = logging.getLogger("snakemake.logging")
    own = next((handler for handler in logger.handlers if handler.name == "DefaultStreamHandler"), None)
    chosen = output.dryrun or output.quiet or output.verbose or output.printshellcmds or output.debug_dag
    if isinstance(own, logging.StreamHandler) and not chosen:
        terminal.stream = own.stream
        own.addFilter(terminal.shown)
    logger.addHandler(terminal)
