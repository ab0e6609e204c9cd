"""Where the bytes of the datasets can come from, and whether anything answers there."""

import os
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import yaml

GZIP_MAGIC = b"\x1f\x8b"


def registry() -> dict[str, Any]:
    """What workflow/datasets.yaml says of each dataset: addresses, files, hashes, shapes."""
    file = Path(__file__).resolve().parents[2] / "workflow" / "datasets.yaml"
    known: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return known


def addresses(dataset: Mapping[str, Any], file: str, mirrors: Sequence[str]) -> list[str]:
    """Addresses of one file in the order to try: DATASET_MIRROR, the configured mirrors, the canonical servers.

    Parameters
    ----------
    dataset : Mapping
        Entry of the registry.
    file : str
        Name of one of the dataset's files.
    mirrors : sequence of str
        ``datasets.mirrors`` of the configuration: folders (relative ones from the working directory), file:// or http(s)://.
    """
    own = [os.environ.get("DATASET_MIRROR", ""), *mirrors]
    on_mirrors = [f"{mirror.rstrip('/')}/{dataset['folder']}/{file}" for mirror in own if mirror]
    return list(dict.fromkeys([*on_mirrors, *(f"{base.rstrip('/')}/{file}" for base in dataset["canonical"])]))


def local_path(address: str) -> Path | None:
    """The file that a path or a file:// address means; None for http(s)://.

    Raises
    ------
    ValueError   if it is an address of another kind, or a file:// address with a host.
    """
    parts = urlsplit(address)
    if parts.scheme in ("http", "https"):
        return None
    if "://" not in address:
        return Path(address).expanduser()
    if parts.scheme != "file":
        raise ValueError(f"{address}: a mirror is a folder, a file:// or an http(s):// address")
    if parts.netloc not in ("", "localhost"):
        raise ValueError(f"{address}: a file:// address needs three slashes and an absolute path")
    return Path(url2pathname(parts.path))


def answers(address: str, limit: float = 3.0) -> bool:
    """Whether a gzip file begins at the address: its first two bytes are read (a captive portal answers, with HTML)."""
    import requests  # noqa: PLC0415 - 0.2 s to import, and only a missing dataset needs it
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - raised by the raw stream

    try:
        path = local_path(address)
        if path:
            with path.open("rb") as file:
                return file.read(2) == GZIP_MAGIC
        headers = {"Range": "bytes=0-1", "Accept-Encoding": "identity"}
        with requests.get(address, headers=headers, stream=True, timeout=limit) as response:
            return response.ok and bool(response.raw.read(2) == GZIP_MAGIC)
    except (OSError, ValueError, HTTPError):
        return False


def reachable(names: Sequence[str], mirrors: Sequence[str], raw: Path | None = None, *, limit: float = 3.0) -> bool:
    """Whether every dataset can be had from somewhere; all places are asked at the same time.

    Parameters
    ----------
    names : sequence of str
        Datasets of the registry.
    mirrors : sequence of str
        ``datasets.mirrors`` of the configuration; DATASET_MIRROR and the canonical servers are asked as well.
    raw : Path, optional
        Folder with fetched files, ``<raw>/<dataset>/<file>``: a dataset that lies there counts.
    limit : float
        Seconds in all; a place that has not answered by then does not count.
    """
    known = registry()
    verdicts: queue.SimpleQueue[tuple[str, bool]] = queue.SimpleQueue()
    places = [(name, place) for name in names for place in _places(name, known[name], mirrors, raw)]
    for name, place in places:
        threading.Thread(target=_ask, args=(name, place, limit, verdicts), daemon=True).start()
    missing, end = set(names), time.monotonic() + limit
    for _ in places:
        if not missing:
            break
        try:
            name, good = verdicts.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        if good:
            missing.discard(name)
    return not missing


def _places(name: str, dataset: Mapping[str, Any], mirrors: Sequence[str], raw: Path | None) -> list[list[str]]:
    """Addresses to ask, one list a place: every file in a folder, one file on a server."""
    candidates = [addresses(dataset, file, mirrors) for file in dataset["files"]]
    by_place = [list(place) for place in zip(*candidates, strict=True)]
    if raw:
        by_place.append([str(raw / name / file) for file in dataset["files"]])
    return [place[:1] if place[0].startswith(("http://", "https://")) else place for place in by_place]


def _ask(name: str, place: Sequence[str], limit: float, verdicts: "queue.SimpleQueue[tuple[str, bool]]") -> None:
    """Put (dataset, whether the place has it) into the queue."""
    verdicts.put((name, all(answers(address, limit) for address in place)))
