"""Contact with Snakemake: log, device, provenance, failures."""

import logging
import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from repro import claims, devices, tables
from repro.job import Job, Progress, _version, job


class Named(dict):
    """Snakemake's named lists as far as a job reads them."""

    __getattr__ = dict.__getitem__

    def __getitem__(self, key: object) -> object:
        return list(self.values())[key] if isinstance(key, int) else super().__getitem__(key)


def snakemake(folder: Path, **changes: object) -> SimpleNamespace:
    whole = {
        "input": Named(),
        "output": Named(claims=str(folder / "results/quick/p/claims.parquet")),
        "params": Named(code="abc", claims=[], published={}, base_preset="quick"),
        "resources": Named(gpu=0),
        "log": [str(folder / "logs/p.log")],
        "threads": 1,
        "rule": "p_claims",
    }
    return SimpleNamespace(**(whole | changes))


def machine(folder: Path, monkeypatch: pytest.MonkeyPatch, n_gpus: int, broken: str = "") -> None:
    """A machine with some GPUs, of which one may not answer, whose locks lie in a folder of the test's."""
    cuda = SimpleNamespace(device_count=lambda: n_gpus, is_available=lambda: n_gpus > 0 and os.environ[devices.VARIABLE] != broken)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    monkeypatch.setenv(devices.VARIABLE, "")
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "temporary"))


def write_table(path: Path, source: str) -> str:
    columns = {"x": {"type": "float", "meaning": "x", "unit": "1"}}
    tables.write(pd.DataFrame({"x": [0.5]}), path, columns, {"sources": {"mnist": source}})
    return str(path)


def test_a_job_logs_its_start_and_end_and_writes_its_provenance(tmp_path: Path) -> None:
    with job(snakemake(tmp_path)) as j:
        j.write_claims({})
    text = (tmp_path / "logs/p.log").read_text()
    assert "start: preset quick, cpu, 1 thread(s)" in text
    assert "done:" in text
    provenance = tables.provenance(tmp_path / "results/quick/p/claims.parquet")
    assert (provenance["paper"], provenance["preset"], provenance["fingerprint"]) == ("p", "quick", "abc")


def test_a_failure_is_one_line_on_the_terminal_and_a_traceback_in_the_log(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stopped, job(snakemake(tmp_path)):
        raise ValueError("dim must be positive")
    assert stopped.value.code == 1
    assert "failed: ValueError: dim must be positive" in capsys.readouterr().err
    log = (tmp_path / "logs/p.log").read_text()
    assert "Traceback" in log
    assert log.strip().splitlines()[-1].endswith("failed: ValueError: dim must be positive")


def test_claims_on_sample_tables_are_not_judged(tmp_path: Path) -> None:
    part = {
        "part": "a",
        "label": "a",
        "measures": "a",
        "strict": False,
        "tables": ["t"],
        "compare": "value",
        "lower": 0,
        "upper": 1,
        "published": None,
    }
    claim = {
        "claim": "C1",
        "statement": "s",
        "measured_in": "numerics",
        "source": "E1",
        "figures": [],
        "role": "claim",
        "basis": "derived",
        "presets": ["quick"],
        "parts": [part],
    }
    for source, verdict in (("real", "reproduced"), ("sample", "not_judged")):
        table = write_table(tmp_path / source / "t.parquet", source)
        this = Job(snakemake(tmp_path, input=Named(t=table), params=Named(code="", claims=[claim], published={}, base_preset="quick")))
        this.write_claims({"c1": lambda found: {"a": claims.Measured(found["t"]["x"].iloc[0])}})
        assert tables.read(tmp_path / "results/quick/p/claims.parquet")["verdict"].tolist() == [verdict]


def test_outputs_that_a_script_did_not_make_are_named(tmp_path: Path) -> None:
    this = Job(snakemake(tmp_path, output=Named(other=str(tmp_path / "quick/p/other.parquet"))))
    with pytest.raises(ValueError, match=r"the script made \['claims'\], the rule wants \['other'\]"):
        this.write_claims({})


@pytest.mark.parametrize(
    ("granted", "visible", "device"),
    [
        ({"gpu": 0}, True, "cpu"),
        ({"gpu": 1}, True, "cuda"),
        ({"gpu": 1}, False, "cpu"),
        ({"gpu": 0, "gres": "gpu:1"}, True, "cuda"),
        ({"gpu": 0, "gres": "lustre:1"}, True, "cpu"),
    ],
)
def test_the_device_follows_the_granted_gpu_and_falls_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, granted: dict, visible: bool, device: str
) -> None:
    machine(tmp_path, monkeypatch, n_gpus=int(visible))
    assert Job(snakemake(tmp_path, resources=Named(granted))).device == device


def test_progress_is_logged_with_what_is_done(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        progress = Progress(4, "seeds", every=0.0)
        progress.update(2)
    assert "seeds: 2/4" in caplog.text


def test_a_package_that_is_not_installed_has_no_version() -> None:
    assert _version("pandas") == pd.__version__
    assert _version("no-such-package-anywhere") is None


@pytest.mark.parametrize("content", ["", "{half", "[]", "{}"])
def test_a_damaged_provenance_of_a_dataset_is_named_with_the_way_out(tmp_path: Path, content: str) -> None:
    file = tmp_path / "mnist" / "provenance.json"
    file.parent.mkdir()
    file.write_text(content)
    with pytest.raises(ValueError, match=r"mnist/provenance\.json: not what decoding wrote .* Delete .*mnist and run again"):
        _ = Job(snakemake(tmp_path, input=Named(mnist=[str(file)]))).sources


GPU = Named(gpu=1)


def test_jobs_side_by_side_take_a_gpu_each_and_a_third_shares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    machine(tmp_path, monkeypatch, n_gpus=2)
    jobs, seen = [], []
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            monkeypatch.setenv(devices.VARIABLE, "")  # each job is a process of its own
            jobs.append(Job(snakemake(tmp_path, resources=GPU)))
            assert jobs[-1].device == "cuda"
            seen.append(os.environ[devices.VARIABLE])
    assert seen == ["0", "1", "0"]
    assert "GPU 0, shared: other jobs hold every GPU here" in caplog.text
    jobs[1].release(failed=False)
    monkeypatch.setenv(devices.VARIABLE, "")
    assert Job(snakemake(tmp_path, resources=GPU)).device == "cuda"
    assert os.environ[devices.VARIABLE] == "1", "it is free again"


def test_a_job_keeps_to_the_gpus_that_a_cluster_gave_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(tmp_path, monkeypatch, n_gpus=1)
    monkeypatch.setenv(devices.VARIABLE, "GPU-1f/3")
    assert Job(snakemake(tmp_path, resources=GPU)).device == "cuda"
    assert os.environ[devices.VARIABLE] == "GPU-1f/3"


def test_a_lost_gpu_is_told_in_one_line_and_the_next_job_takes_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    machine(tmp_path, monkeypatch, n_gpus=2)
    with pytest.raises(SystemExit), job(snakemake(tmp_path, resources=GPU)):
        raise RuntimeError("CUDA error: unspecified launch failure\nFor debugging consider passing CUDA_LAUNCH_BLOCKING=1")
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert "failed: GPU 0 was lost, nothing is written" in told[0]
    assert told[0].endswith("RuntimeError: CUDA error: unspecified launch failure")
    for gpu in ("1", "1"):  # the retry succeeds there, and so does the job after it
        monkeypatch.setenv(devices.VARIABLE, "")
        with job(snakemake(tmp_path, resources=GPU)):
            assert os.environ[devices.VARIABLE] == gpu


def test_a_script_that_fails_on_a_gpu_does_not_blame_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    machine(tmp_path, monkeypatch, n_gpus=1)
    with pytest.raises(SystemExit), job(snakemake(tmp_path, resources=GPU)):
        raise ValueError("dim must be positive")
    assert "was lost" not in capsys.readouterr().err


def test_a_gpu_that_does_not_answer_is_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(tmp_path, monkeypatch, n_gpus=1, broken="0")
    assert Job(snakemake(tmp_path, resources=GPU)).device == "cpu"
