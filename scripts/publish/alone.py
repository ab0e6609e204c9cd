"""One run at a time makes a paper's results: a second would delete what the first has just made and is about to read.

The lock is the kernel's, so that it goes with the process, however that ends: after a kill the plain command goes on.
"""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(".snakemake/at_work")


def taken(parts: Iterable[str], folder: Path = FOLDER) -> str:
    """Take parts of the results until this process ends; the first that another run has, empty if it has none of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in sorted(parts):
        lock = os.open(folder / part, os.O_RDWR | os.O_CREAT, 0o666)  # never closed: the end of the process does it
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return part
        except OSError:  # a file system without locks: as before
            os.close(lock)
    return ""


def parts_of(rules: Iterable[str], papers: Iterable[str], results_name: str) -> set[str]:
    """What jobs of these rules make: a dataset's files whatever the preset, a paper, a page."""
    known = list(papers)
    found = set()
    for rule in rules:
        paper = next((key for key in known if rule.startswith(f"{key}_")), "")
        is_data = rule.startswith(("fetch_", "decode_", "sample_"))
        found.add(rule if is_data else f"{results_name}, {paper or rule}")
    return found
