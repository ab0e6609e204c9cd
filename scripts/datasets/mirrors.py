"""Where the bytes of the datasets can come from, and what stands in the way."""

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
NOT_THERE = " is not there"


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


def explain(error: Exception, patience: str) -> tuple[str, bool]:
    """A failed request in a few words, and whether asking again is of no use; `patience` says how long an answer was waited for."""
    from requests import exceptions  # noqa: PLC0415 - 0.2 s to import, and only a missing dataset needs it

    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        code = error.response.status_code
        # 408 and 429 ask for patience; 416 means that what is staged is longer than the file
        return f"HTTP {code} {error.response.reason}", 400 <= code < 500 and code not in (408, 416, 429)
    untrusted = "its certificate is not trusted; behind a firewall that signs anew let REQUESTS_CA_BUNDLE name the firewall's certificate"
    no_proxy = "the proxy does not answer; HTTP_PROXY and HTTPS_PROXY name it, NO_PROXY names hosts that are asked without it"
    kinds = (  # the first that fits: several are special cases of the last
        (exceptions.Timeout, patience, False),
        (exceptions.ChunkedEncodingError, "the connection broke off", False),
        (exceptions.SSLError, untrusted, True),
        (exceptions.ProxyError, no_proxy, False),
        (exceptions.ConnectionError, "cannot connect", False),
    )
    other = (f"{type(error).__name__}: {error}", True)
    return next(((words, final) for kind, words, final in kinds if isinstance(error, kind)), other)


def problem(address: str, limit: float = 3.0) -> str:
    """Why a file cannot be had, in a few words; nothing if a gzip file begins there. Only its first two bytes are read."""
    import requests  # noqa: PLC0415 - 0.2 s to import, and only a missing dataset needs it
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - raised by the raw stream

    try:
        path = local_path(address)
        if path:
            with path.open("rb") as file:
                return "" if file.read(2) == GZIP_MAGIC else f"{path} is no gzip file"
        headers = {"Range": "bytes=0-1", "Accept-Encoding": "identity"}
        with requests.get(address, headers=headers, stream=True, timeout=limit) as response:
            response.raise_for_status()
            if response.raw.read(2) == GZIP_MAGIC:
                return ""
            return f"something else answers for {urlsplit(address).netloc}, perhaps the login page of a network"
    except requests.RequestException as error:
        return explain(error, f"no answer within {limit:g} s")[0]
    except FileNotFoundError:
        return f"{address}{NOT_THERE}"
    except (OSError, ValueError, HTTPError) as error:
        return f"{address}: {getattr(error, 'strerror', None) or error}"


def obstacles(names: Sequence[str], mirrors: Sequence[str], raw: Path | None = None, *, limit: float = 3.0) -> list[str]:
    """What stands in the way of having every dataset from somewhere; all places are asked at the same time.

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

    Returns
    -------
    list of str   empty if each dataset can be had, else what the places say where one cannot, each cause once.
    """
    known = registry()
    verdicts: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    places = [(name, place) for name in names for place in _places(name, known[name], mirrors, raw)]
    for name, place in places:
        threading.Thread(target=_ask, args=(name, place, limit, verdicts), daemon=True).start()
    missing, end = set(names), time.monotonic() + limit
    causes: list[tuple[str, str]] = []
    for _ in places:
        if not missing:
            break
        try:
            name, cause = verdicts.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            causes += [(name, f"no answer within {limit:g} s") for name in missing]
            break
        if cause:
            causes.append((name, cause))
        else:
            missing.discard(name)
    if not missing:
        return []
    told = {cause for name, cause in causes if name in missing and not (raw and cause.startswith(f"{raw}/") and cause.endswith(NOT_THERE))}
    return sorted(told) or ["no mirror is known"]


def _places(name: str, dataset: Mapping[str, Any], mirrors: Sequence[str], raw: Path | None) -> list[list[str]]:
    """Addresses to ask, one list a place: every file in a folder, one file on a server."""
    candidates = [addresses(dataset, file, mirrors) for file in dataset["files"]]
    by_place = [list(place) for place in zip(*candidates, strict=True)]
    if raw:
        by_place.append([str(raw / name / file) for file in dataset["files"]])
    return [place[:1] if place[0].startswith(("http://", "https://")) else place for place in by_place]


def _ask(name: str, place: Sequence[str], limit: float, verdicts: "queue.SimpleQueue[tuple[str, str]]") -> None:
    """Put (dataset, why the place cannot give it) into the queue."""
    verdicts.put((name, next(filter(None, (problem(address, limit) for address in place)), "")))
