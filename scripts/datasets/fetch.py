"""Fetched files of one dataset: from the first place whose copy has the right content, all files or none."""

import errno
import fcntl
import hashlib
import json
import logging
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from pooch import HTTPDownloader

from repro.files import atomic
from repro.job import job
from scripts.datasets.content import BadContent, verify
from scripts.datasets.mirrors import addresses, explain, local_path, registry

log = logging.getLogger(__name__)

WAITS = (0, 2, 8)  # seconds before each round over the places that may still work
TIMEOUT = (10, 60)  # seconds to connect, seconds without a byte
PATIENCE = f"no answer within {TIMEOUT[0]} s, or no byte for {TIMEOUT[1]} s"
CHUNK = 2**18


class Unavailable(Exception):
    """A place did not give the file; `final` if asking again is of no use."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


def fetch(
    dataset: str, files: Mapping[str, Mapping[str, str]], places: Mapping[str, Sequence[str]], folder: Path, waits: Sequence[float] = WAITS
) -> dict[str, str]:
    """Bring verified copies of a dataset's files into a folder, with sources.json beside them.

    Good files that lie there already are kept. New ones are staged as hidden files and moved into place
    together at the end; what a failed or killed run has staged, the next one takes up.

    Parameters
    ----------
    dataset : str
        Name for messages.
    files : Mapping
        Name of each file to its members' SHA-256.
    places : Mapping
        Name of each file to the addresses to try, in order.
    folder : Path
        Where the files go.
    waits : sequence of float
        Seconds before each round over the addresses.

    Returns
    -------
    dict of str to str   name of each file to the address it came from.

    Raises
    ------
    FileNotFoundError   with each address's failure, if no place has a good copy of a file.
    OSError   if the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        recorded = _recorded(folder)
        sources, staged = {}, {}
        for file, hashes in files.items():
            if _is_good(folder / file, hashes):
                sources[file] = recorded.get(file, f"{folder / file} (found there)")
                log.info("%s: %s is there already", dataset, file)
            else:
                staged[file], sources[file] = _search(f"{dataset}: {file}", folder / file, hashes, places[file], waits)
        for file, part in staged.items():
            part.replace(folder / file)
        with atomic(folder / "sources.json") as temporary:
            temporary.write_text(json.dumps(sources, indent=2) + "\n", encoding="utf-8")
        for leftover in folder.glob(".*.part.*"):
            leftover.unlink()
    return sources


def _search(what: str, target: Path, hashes: Mapping[str, str], places: Sequence[str], waits: Sequence[float]) -> tuple[Path, str]:
    """Verified copy of one file, staged beside its target, and the address it came from."""
    failures: dict[str, Unavailable] = {}
    for wait in waits:
        open_places = [place for place in places if place not in failures or not failures[place].final]
        if wait and open_places:
            log.info("%s: trying again in %g s", what, wait)
            time.sleep(wait)
        for place in open_places:
            part = _part(target, place)
            try:
                _obtain(what, place, part, hashes)
            except Unavailable as failure:
                log.warning("%s: %s: %s", what, place, failure)
                failures[place] = failure
            else:
                log.info("%s: good copy from %s", what, place)
                return part, place
    listed = "; ".join(f"{number}. {place}: {failures[place]}" for number, place in enumerate(places, start=1))
    way_out = f"Put a good copy into {target.parent}/ or set datasets.mirrors in config.yaml or DATASET_MIRROR."
    raise FileNotFoundError(f"{what}: no mirror had a good copy ({listed}). {way_out}")


def _obtain(what: str, place: str, part: Path, hashes: Mapping[str, str]) -> None:
    """Copy or download to `part` and verify it; a bad file is deleted, an interrupted download stays to be continued."""
    continued = part.exists()
    if continued and _is_good(part, hashes):
        return
    try:
        source = local_path(place)
        if source:
            shutil.copyfile(source, part)
        else:
            _download(what, place, part)
        verify(part, hashes)
    except BadContent as error:
        part.unlink()
        raise Unavailable(str(error), final=not continued) from error
    except requests.RequestException as error:
        reason, final = explain(error, PATIENCE)
        if part.stat().st_size == 0 or final:
            part.unlink()
        raise Unavailable(reason, final=final) from error
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OSError(f"{what}: no space left in {part.parent}/. Free some, or set datasets.folder in config.yaml.") from error
        raise Unavailable(error.strerror or str(error), final=True) from error
    except ValueError as error:
        raise Unavailable(str(error), final=True) from error


def _download(what: str, address: str, part: Path) -> None:
    """Download to `part`, going on from what is there if the server can."""
    with part.open("ab") as out:
        have = out.tell()

        def begin(response: requests.Response, *_: Any, **__: Any) -> None:
            if response.status_code == requests.codes.ok:  # the whole file comes, not the rest of it
                out.truncate(0)
            response.raw.headers.pop("Content-Encoding", None)  # some servers declare the file itself an encoding: keep it packed

        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        get = HTTPDownloader(_Meter(what), CHUNK, timeout=TIMEOUT, headers=headers, hooks={"response": begin})
        get(address, out, None)


class _Meter:
    """The progress bar that pooch expects, as a log line every ten seconds."""

    def __init__(self, what: str) -> None:
        self.what, self.total, self.done, self.last = what, 0, 0, time.monotonic()

    def update(self, n: int) -> None:
        """Count `n` more bytes."""
        self.done += n
        if time.monotonic() - self.last >= 10:
            self.last = time.monotonic()
            log.info("%s: %.0f of %.0f MB", self.what, self.done / 1e6, self.total / 1e6)

    def reset(self) -> None:
        """Pooch calls this at the end, before one last full update."""
        self.done, self.last = 0, time.monotonic()

    def close(self) -> None:
        """Nothing to close."""


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process fetches into the folder: a killed Snakemake leaves its script running."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("waiting for another process that fetches into %s", folder)
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:
            log.info("%s: its file system has no locks, going on without", folder)
        yield


def _is_good(path: Path, hashes: Mapping[str, str]) -> bool:
    """Whether a file is there and has the right content."""
    try:
        verify(path, hashes)
    except (FileNotFoundError, BadContent):
        return False
    return True


def _part(target: Path, place: str) -> Path:
    """Where a download is staged; another place may pack the same content differently, so each has its own."""
    return target.with_name(f".{hashlib.sha256(place.encode()).hexdigest()[:8]}.part.{target.name}")


def _recorded(folder: Path) -> dict[str, str]:
    """Addresses that an earlier run wrote down; none if it did not, or what it wrote was damaged since."""
    try:
        recorded = json.loads((folder / "sources.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return recorded if isinstance(recorded, dict) else {}


if "snakemake" in globals():
    with job(snakemake):
        name, files = snakemake.params.dataset, snakemake.params.members
        entry, mirrors = registry()[name], snakemake.config["datasets"]["mirrors"]
        fetch(name, files, {file: addresses(entry, file, mirrors) for file in files}, Path(snakemake.output[0]).parent)
