"""What a run shows on the terminal, told by Snakemake's events as they come."""

import io
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts.publish import terminal

FIGURE = {"label": "Companion A", "numbering": "none"}
PAPERS = {
    "nobody": {"short": "Nobody", "figures": {"fig1": FIGURE}, "runs": {"walk": {"cost": {"cpu_s": {"quick": 80}}}}},
    "other": {"short": "Other", "figures": {}, "runs": {}},
}
STATS = {"nobody_walk": 2, "nobody_fig1": 1, "nobody_claims": 1, "all": 1, "total": 5}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def record(event: str, **told: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": "Snakemake's words", "levelno": logging.INFO})
    made.__dict__ |= {"event": event, **told}
    return made


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that the test moves, in a folder without logs and results."""
    monkeypatch.chdir(tmp_path)
    return Clock()


def started(clock: Clock, stream: io.StringIO | None = None, stats: dict[str, int] = STATS) -> terminal.Terminal:
    """A run that has begun on two cores."""
    run = terminal.Run("quick", "quick", PAPERS, data="real data")
    this = terminal.Terminal(run, io.StringIO() if stream is None else stream, now=clock)
    this.emit(record("resources_info", cores=2))
    this.emit(record("run_info", stats=stats))
    this.start()
    return this


def job(this: terminal.Terminal, number: int, rule: str, output: str = "results/quick/nobody/x.parquet", **wildcards: str) -> None:
    this.emit(record("job_info", jobid=number, rule_name=rule, output=[output], wildcards=wildcards))


def done(this: terminal.Terminal, number: int) -> None:
    this.emit(record("job_finished", job_id=number))


def lines(this: terminal.Terminal) -> list[str]:
    return this.stream.getvalue().splitlines()


def test_the_first_line_says_what_runs_on_which_data_and_how_long(clock: Clock) -> None:
    assert lines(started(clock)) == ["quick · real data · 4 jobs · about 0:45 on 2 cores"]


def test_each_job_is_one_line_weighted_by_its_cost_with_the_time_left(clock: Clock) -> None:
    this = started(clock)
    job(this, 1, "nobody_walk", shard="0")
    job(this, 2, "nobody_walk", shard="1")
    clock.now = 40.0
    done(this, 1)
    assert lines(this)[-1] == " 48 % · 0:40 · about 0:02 left · Nobody: walk 1/2"
    done(this, 2)
    job(this, 3, "nobody_fig1", "results/quick/nobody/fig1.pdf")
    clock.now = 42.0
    done(this, 3)
    assert lines(this)[-1] == " 98 % · 0:42 · about 0:02 left · Nobody, Companion A: results/quick/nobody/fig1.pdf"
    assert len(lines(this)) == 4


def test_time_left_follows_the_pace_of_this_machine(clock: Clock) -> None:
    this = started(clock)
    job(this, 1, "nobody_walk", shard="0")
    clock.now = 120.0
    done(this, 1)
    assert this.left() == pytest.approx(3 * 40)


def test_verdicts_are_told_when_a_paper_is_judged(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "claims_of", lambda results, key: [{"basis": "theorem", "role": "claim", "verdict": "reproduced"}])
    this = started(clock)
    job(this, 4, "nobody_claims", "results/quick/nobody/claims.parquet")
    done(this, 4)
    assert lines(this)[-1].endswith("Nobody: Evidence: 1 of 1 judged claims reproduced (theorem 1 of 1).")


def test_on_a_terminal_the_last_line_is_overwritten_and_only_news_stay(clock: Clock) -> None:
    this = started(clock, Terminal())
    job(this, 1, "nobody_walk", shard="0")
    done(this, 1)
    job(this, 3, "nobody_fig1", "results/quick/nobody/fig1.pdf")
    done(this, 3)
    kept = [line.rpartition("\r")[2] for line in this.stream.getvalue().split("\n")]
    assert [line for line in kept if "·" in line][1:] == [
        " 50 % · 0:00 · about 0:00 left · Nobody, Companion A: results/quick/nobody/fig1.pdf"
    ]
    assert "Nobody: walk 1/2" in this.stream.getvalue()
    assert "\x1b" not in this.stream.getvalue()


@pytest.mark.parametrize(
    ("stats", "asked"),
    [
        ({"nobody_fig1": 1, "all": 1}, {"nobody": True, "other": True}),
        ({"nobody_fig1": 1, "nobody_claims": 1, "nobody": 1}, {"nobody": True}),
        ({"nobody_walk": 1, "nobody_claims": 1}, {"nobody": False}),
        ({"nobody_fig1": 1}, {}),
    ],
)
def test_what_was_asked_for_is_known(clock: Clock, stats: dict[str, int], asked: dict[str, bool]) -> None:
    assert started(clock, stats=stats).asked == asked


def test_housekeeping_is_hidden_and_errors_and_all_else_shown(clock: Clock) -> None:
    this = started(clock)
    error, odd = record("job_error"), record("")
    error.levelno = logging.ERROR
    assert not this.shown(record("job_finished"))
    assert not this.shown(logging.makeLogRecord({"msg": "Select jobs to execute...", "levelno": logging.INFO}))
    assert this.shown(error)
    assert this.shown(odd)


def test_a_failed_job_takes_no_more_time(clock: Clock) -> None:
    this = started(clock)
    job(this, 1, "nobody_walk", shard="0")
    this.emit(record("job_error", jobid=1))
    assert this.running == {}
    assert this.left() == pytest.approx(40)


def test_events_of_another_shape_end_the_progress_and_not_the_run(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    this = started(clock)
    this.emit(record("job_info", jobid=1))
    this.emit(record("job_info", jobid=2))
    assert caplog.text.count("progress is not shown") == 1
    assert this.shown(record("job_finished")), "Snakemake's own words are back"


def test_letters_that_a_terminal_lacks_are_replaced() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="iso-8859-1")
    terminal.say("1 × claim ✓", stream)
    assert stream.buffer.getvalue() == b"1 \xd7 claim ?\n"


@pytest.mark.parametrize("option", ["dryrun", "quiet", "verbose", "printshellcmds", "debug_dag"])
def test_whoever_chooses_what_to_see_gets_snakemakes_own_words(option: str) -> None:
    logger = logging.getLogger("snakemake.logging")
    own = logging.StreamHandler(io.StringIO())
    own.name = "DefaultStreamHandler"
    logger.addHandler(own)
    settings = dict.fromkeys(["dryrun", "quiet", "verbose", "printshellcmds", "debug_dag"])
    silent, loud = (terminal.Terminal(terminal.Run("quick", "quick", PAPERS, data="")) for _ in range(2))
    try:
        terminal.follow(silent, SimpleNamespace(**settings | {option: True}))
        assert silent.stream is None
        assert own.filters == []
        terminal.follow(loud, SimpleNamespace(**settings))
        assert loud.stream is own.stream
    finally:
        for handler in (own, silent, loud):
            logger.removeHandler(handler)
