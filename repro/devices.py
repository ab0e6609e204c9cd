"""Which GPU of a machine a job computes on, and what is said when it fails.

Jobs that run side by side each take one that no other holds: a lock on a file, which the system lets go of when the process ends.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

VARIABLE = "CUDA_VISIBLE_DEVICES"


class Claim(NamedTuple):
    """A GPU that a job holds."""

    gpu: str
    """Its name in CUDA_VISIBLE_DEVICES."""
    lock: IO[str] | None
    """Open while it is held; null if all are held by others, and this one is shared."""


def visible(count: int) -> list[str]:
    """Names of the GPUs that this process may use; `count` is what torch sees of them."""
    named = [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]
    return (named or [str(number) for number in range(count)])[:count]


def claim(gpus: Sequence[str], folder: Path | None = None) -> Claim:
    """Take the first GPU that no other job holds, one that failed another job last; share the first if all are held.

    Parameters
    ----------
    gpus : names, at least one.
    folder : where the locks lie; a folder of this user's in that of temporary files if left out.
    """
    folder = folder or Path(tempfile.gettempdir()) / f"gpus-of-{os.getuid()}"
    folder.mkdir(parents=True, exist_ok=True)
    held = list(_free(gpus, folder))
    if not held:
        return Claim(gpus[0], None)
    chosen = min(held, key=lambda own: _failed_before(own.lock))
    for other in held:
        if other.lock and other is not chosen:
            other.lock.close()
    return chosen


def _free(gpus: Sequence[str], folder: Path) -> Iterator[Claim]:
    for gpu in gpus:
        file = (folder / f"{gpu.replace('/', '_')}.lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            continue
        yield Claim(gpu, file)


def _failed_before(lock: IO[str] | None) -> bool:
    return lock is not None and lock.seek(0, os.SEEK_END) > 0


def release(held: Claim, *, failed: bool) -> None:
    """Give a GPU back, and note for the next jobs whether it failed."""
    if held.lock:
        held.lock.truncate(0)
        held.lock.write("failed" if failed else "")
        held.lock.close()


def has_failed(error: BaseException) -> bool:
    """Whether an error says that the GPU failed or is gone, and not that a job asked too much or something wrong of it."""
    if type(error).__name__ == "OutOfMemoryError":
        return False
    return type(error).__name__ == "AcceleratorError" or "CUDA error" in str(error) or "CUDA driver error" in str(error)
