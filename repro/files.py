"""Files that appear whole or not at all, and what killed processes leave of them."""

import errno
import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_UNFINISHED = ".unfinished"

_CAUSES = {
    errno.ENOSPC: "no space is left there. Free some",
    errno.EDQUOT: "your disk quota is used up. Free some space",
    errno.EFBIG: "it is larger than files may be here (ulimit -f). Raise the limit",
    errno.EACCES: "it may not be written. Change the permissions of its folder",
    errno.EPERM: "it may not be written. Change the permissions of its folder",
    errno.EROFS: "its file system is read-only. Make it writable",
}


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary file in the folder of `path`; it becomes `path` if the body ends well, else it goes.

    Raises
    ------
    OSError   naming `path` and the way out, if the disk is full or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}{_UNFINISHED}")
        with temporary.open("xb") as held:
            with suppress(OSError):  # a file system without locks: `sweep` cannot lock there either, and leaves all as it is
                fcntl.flock(held, fcntl.LOCK_EX)
            try:
                yield temporary
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
    except OSError as error:
        if error.errno not in _CAUSES:
            raise
        raise OSError(f"{path}: {_CAUSES[error.errno]} and run again: what is finished is kept.") from error


def sweep(*folders: Path) -> list[Path]:
    """Remove what killed processes left half written beneath some folders; returns what was removed.

    A writer holds a lock on its file, and the kernel lets go of it with the process, on whichever machine: what can be
    locked has no writer any more.
    """
    swept = []
    for folder in folders:
        for path in sorted(folder.rglob(f".*{_UNFINISHED}")):
            with suppress(OSError), path.open("r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
                swept.append(path)
    return swept


def mend_dates(*folders: Path, tolerance: float = 60.0) -> list[Path]:
    """Give files that are dated more than `tolerance` seconds ahead the present date; returns them.

    Snakemake goes by dates where files are large: an input that a wrong clock dated in the future would be newer than all that is
    made of it, run after run. One date for all keeps them from being newer than each other.
    """
    now, found = time.time(), []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            with suppress(OSError):
                if path.stat().st_mtime > now + tolerance:
                    os.utime(path, (now, now))
                    found.append(path)
    return found
