"""The choice between real and sample data, without Snakemake."""

import pytest

from repro.settings import SettingsError
from scripts.datasets.sources import choose_source

OPTIONS = {"folder": "nowhere", "mirrors": [], "on_unreachable": "fail"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment whose changes end with the test."""
    monkeypatch.setattr("os.environ", {})


def test_a_job_repeats_the_choice_of_the_snakemake_that_sent_it() -> None:
    assert choose_source(["mnist"], OPTIONS, sample_only=False, decide=True).source == "real"
    assert choose_source(["mnist"], OPTIONS | {"on_unreachable": "sample"}, sample_only=False, decide=False).source == "real"


def test_a_job_whose_environment_was_dropped_stops_and_never_probes() -> None:
    with pytest.raises(SettingsError, match="did not reach this job: the scheduler must hand the environment on"):
        choose_source(["mnist"], OPTIONS, sample_only=False, decide=False)


def test_finished_results_stay_real_though_their_data_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.datasets.sources.obstacles", lambda *_: ["cannot connect"])
    options = OPTIONS | {"on_unreachable": "sample"}
    assert choose_source(["mnist"], options, sample_only=False, decide=True, finished=True) == ("real", [])
    assert choose_source(["mnist"], options, sample_only=False, decide=True) == ("sample", ["cannot connect"])
