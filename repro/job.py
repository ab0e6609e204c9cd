"""All contact of a script with Snakemake: log, device, inputs, outputs, provenance."""

import importlib.metadata
import json
import logging
import os
import platform
import resource
import sys
import textwrap
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from repro import devices, tables
from repro.stops import stoppable

log = logging.getLogger(__name__)

PACKAGES = ("numpy", "scipy", "torch", "pandas", "pyarrow", "matplotlib", "snakemake")


_LOST = "GPU {} was lost, nothing is written, and a retry or the same command runs this job again, on another GPU if there is one: "


class Job:
    """One Snakemake job: what it reads, where it runs, how it writes."""

    def __init__(self, snakemake: Any) -> None:
        self.snakemake = snakemake
        self.started = time.monotonic()
        self.gpu: devices.Claim | None = None
        folders = Path(snakemake.output[0]).parts[:-1]
        last = max((at for at, folder in enumerate(folders) if folder == "results"), default=len(folders))  # a prefix may hold one too
        inside = folders[last + 1 :]
        self.preset = inside[0] if inside else ""
        self.paper = inside[1] if len(inside) > 1 else ""

    @property
    def params(self) -> Any:
        """The rule's params."""
        return self.snakemake.params

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Input tables by name."""
        return {name: tables.read(path) for name, path in self._table_paths().items()}

    @cached_property
    def datasets(self) -> dict[str, Path]:
        """Folders of the decoded datasets among the inputs, by the name of the dataset."""
        named = {name: Path(files[0]).parent for name, files in self.snakemake.input.items() if files and not isinstance(files, str)}
        return {name: folder for name, folder in named.items() if (folder / "provenance.json").is_file()}

    @cached_property
    def sources(self) -> dict[str, str]:
        """real or sample for every dataset beneath this job's result."""
        beneath = {name: _source(folder) for name, folder in self.datasets.items()}
        for path in self._table_paths().values():
            beneath |= tables.provenance(path)["sources"]
        return beneath

    @cached_property
    def device(self) -> str:
        """cuda if the rule asked for a GPU, the limits gave it one and it is there; else cpu. Of several, one that no other job holds."""
        asked = self.snakemake.resources
        if not asked.get("gpu", 0) and not str(asked.get("gres", "")).startswith("gpu"):
            return "cpu"
        import torch  # noqa: PLC0415 - seconds to import, and only GPU rules need it

        if gpus := devices.visible(torch.cuda.device_count()):
            self.gpu = devices.claim(gpus)
            os.environ[devices.VARIABLE] = self.gpu.gpu  # before torch first speaks to a GPU: this job sees no other
            if torch.cuda.is_available():
                shared = "" if self.gpu.lock else ", shared: other jobs hold every GPU here"
                log.info("GPU %s%s", self.gpu.gpu, shared)
                return "cuda"
        log.warning("a GPU was granted and none is visible: running on the CPU")
        return "cpu"

    def write(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Write the frames to the outputs of the same names, checked against the paper's yaml."""
        from repro.settings import table_contract  # noqa: PLC0415 - parses yaml; figures and claims do without

        self._write(frames, {name: table_contract(self.paper, name)["columns"] for name in frames})

    def write_claims(self, functions: Mapping[str, Any]) -> None:
        """Judge the claims in params with the functions of a claims.py and write their verdicts."""
        from repro import claims  # noqa: PLC0415 - only claims rules need it

        sampled = [name for name, path in self._table_paths().items() if "sample" in tables.provenance(path)["sources"].values()]
        verdicts = claims.judge(
            self.paper,
            functions,
            self.params.claims,
            self.tables,
            base_preset=self.params.base_preset,
            published=self.params.published,
            on_sample=sampled,
        )
        columns = {name: {"type": kind, "meaning": meaning, "unit": "1"} for name, (kind, meaning) in claims.COLUMNS.items()}
        self._write({"claims": verdicts}, {"claims": columns})

    def _write(self, frames: Mapping[str, pd.DataFrame], columns: Mapping[str, Any]) -> None:
        outputs = dict(self.snakemake.output.items())
        if set(outputs) != set(frames):
            raise ValueError(f"{self.snakemake.rule}: the script made {sorted(frames)}, the rule wants {sorted(outputs)}")
        for name, frame in frames.items():
            try:
                tables.write(frame, Path(outputs[name]), columns[name], self._provenance(name))
            except ValueError as error:
                raise ValueError(f"{error}{self._parameters()}") from error
            log.info("%s: %d rows", name, len(frame))

    def _parameters(self) -> str:
        """The parameters, as far as they fit into a line: with which a value came out that cannot be."""
        told = self.params.get("p")
        return f". Parameters: {textwrap.shorten(json.dumps(told, default=str), 400, placeholder=' …')}" if told else ""

    def _provenance(self, table: str) -> dict[str, Any]:
        from repro.fingerprint import SCHEMA  # noqa: PLC0415 - parses yaml through settings

        return {
            "schema": SCHEMA,
            "paper": self.paper,
            "table": table,
            "preset": self.preset,
            "parameters": self.params.get("p"),
            "fingerprint": self.params.get("code"),
            "sources": self.sources,
            "device": self.device,
            "packages": {name: _version(name) for name in PACKAGES},
            "python": platform.python_version(),
            **self.cost(),
        }

    def release(self, *, failed: bool) -> None:
        """Give back the GPU that the job holds, if any."""
        if self.gpu:
            devices.release(self.gpu, failed=failed)

    def cost(self) -> dict[str, float]:
        """Wall and CPU seconds so far, and the peak memory."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "wall_seconds": round(time.monotonic() - self.started, 3),
            "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 3),
            "peak_memory_mb": round(usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2), 1),
        }

    def _table_paths(self) -> dict[str, str]:
        return {name: path for name, path in self.snakemake.input.items() if isinstance(path, str) and path.endswith(".parquet")}


def _version(package: str) -> str | None:
    """Version of a package; None where it is not installed, as torch where no paper that is run needs it."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _source(folder: Path) -> str:
    file = folder / "provenance.json"
    try:
        return json.loads(file.read_text(encoding="utf-8"))["source"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file}: not what decoding wrote ({error}). Delete {folder} and run again: it will be decoded anew.") from error


def _one_line(error: Exception) -> str:
    """What an error says; of a GPU's, which go on with advice for its programmers, the first line."""
    text = str(error)
    return text.partition("\n")[0] if devices.has_failed(error) else text


@contextmanager
def job(snakemake: Any) -> Iterator[Job]:
    """Run the body of a script as a job: logged to the rule's log, warnings to stderr too, failures told in one line."""
    file = Path(snakemake.log[0])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"")
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING)  # what goes well is told by the run itself, see scripts/publish/terminal.py
    handlers: list[logging.Handler] = [logging.FileHandler(file, encoding="utf-8"), terminal]
    logging.basicConfig(
        level=logging.INFO, handlers=handlers, format=f"%(asctime)s {snakemake.rule}: %(message)s", datefmt="%H:%M:%S", force=True
    )
    logging.captureWarnings(capture=True)
    this = Job(snakemake)
    log.info("start: %s%s, %d thread(s)", f"preset {this.preset}, " if this.preset else "", this.device, snakemake.threads)
    try:
        with stoppable():
            yield this
    except KeyboardInterrupt as stop:
        log.error("failed: stopped from outside (%s). Run again: what is finished is kept.", stop)
        sys.exit(1)
    except Exception as error:
        with file.open("a", encoding="utf-8") as text:
            text.write(traceback.format_exc())
        lost = this.gpu is not None and devices.has_failed(error)
        this.release(failed=lost)
        log.error("failed: %s%s: %s", _LOST.format(this.gpu.gpu) if this.gpu and lost else "", type(error).__name__, _one_line(error))
        sys.exit(1)
    this.release(failed=False)
    cost = this.cost()
    log.info("done: %.1f s, %.1f CPU s, %.0f MB", cost["wall_seconds"], cost["cpu_seconds"], cost["peak_memory_mb"])


class Progress:
    """Log how far a long loop is, at most every ten seconds."""

    def __init__(self, total: int, what: str, every: float = 10.0) -> None:
        self.total, self.what, self.every = total, what, every
        self.done = 0
        self.began = self.last = time.monotonic()

    def update(self, n: int = 1) -> None:
        """Count `n` more units as done."""
        self.done += n
        now = time.monotonic()
        if self.done and now - self.last >= self.every:
            self.last = now
            left = (now - self.began) / self.done * (self.total - self.done)
            log.info("%s: %d/%d, about %.0f s left", self.what, self.done, self.total, left)
