"""What ends a job from outside: Ctrl-C, SIGTERM, and the death of the Snakemake that waits for it."""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

SHELLS = frozenset({"bash", "dash", "sh"})


@contextmanager
def stoppable(every: float = 1.0) -> Iterator[None]:
    """Raise KeyboardInterrupt in the body, with the signal's name, where a signal or the death of its Snakemake ends it.

    Temporary files go and the log says why. Without a Snakemake that waits, the result would overwrite what a later run makes.

    Parameters
    ----------
    every : seconds between two looks at whether Snakemake lives.
    """
    if threading.current_thread() is not threading.main_thread():  # only there can signals be handled
        yield
        return
    heard = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN]  # else in the background
    before = {number: signal.signal(number, _stop) for number in heard}
    over = threading.Event()
    threading.Thread(target=_watch, args=(caller(), over, every), daemon=True).start()
    try:
        yield
    finally:
        over.set()
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, _: Any) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


def _watch(first: int, over: threading.Event, every: float) -> None:
    while not over.wait(every):
        if caller() != first:
            log.error("the Snakemake that waited for this job is gone")
            os.kill(os.getpid(), signal.SIGTERM)
            return


def caller() -> int:
    """Process that waits for this one: its parent, or the parent of the shell between them; 0 where /proc is missing."""
    try:
        name, parent = _about(os.getppid())
    except (OSError, ValueError):
        return 0
    return parent if name in SHELLS else os.getppid()


def _about(process: int) -> tuple[str, int]:
    """Name and parent of a process; the name stands in brackets and may hold some itself."""
    start, _, rest = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
    return start.partition("(")[2], int(rest.split()[1])
