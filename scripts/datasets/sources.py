"""Where a run's datasets come from: the real data, or the sample embedded in the repository."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from repro.settings import SettingsError
from scripts.datasets.mirrors import local_path, obstacles

# The files of a decoded dataset; the provenance is written last.
DECODED = ("provenance.json", "train_images.npy", "train_labels.npy", "test_images.npy", "test_labels.npy")

# Jobs that run in a Snakemake of their own (on a cluster) take the choice from here and never probe.
_VARIABLE = "REPRO_DATA_SOURCE"


class Choice(NamedTuple):
    """real or sample, and what stands in the way of real data where they are wanted and cannot be had."""

    source: str
    obstacles: Sequence[str] = ()


def choose_source(needed: Sequence[str], options: Mapping[str, Any], *, sample_only: bool, decide: bool, finished: bool = False) -> Choice:
    """Decide when the DAG is made whether the run rests on real data or on the sample.

    Parameters
    ----------
    needed : datasets of the selected papers.
    options : the `datasets` section of the configuration.
    sample_only : True for presets that never read real data.
    decide : True in the Snakemake that the user started; others repeat its choice.
    finished : True if all that rests on real data is there already: then it stays, whether or not the data can still be had.

    Returns
    -------
    The choice. All datasets come from the same source: a table that mixes them would mean nothing.

    Raises
    ------
    SettingsError   if data are missing and DATASET_MIRROR names a folder that is not there, or a mirror is no address, or if the choice to
    repeat is not in the environment.
    """
    if sample_only:
        return Choice("sample")
    variable = f"{_VARIABLE}_{_digest(needed, options)}"
    if not decide:
        if variable not in os.environ:
            raise SettingsError(
                f"{variable}, the choice between real and sample data, did not reach this job: "
                "the scheduler must hand the environment on (Slurm: sbatch --export=ALL)"
            )
        return Choice(os.environ[variable])
    in_the_way = [] if finished else _obstacles(needed, options)
    choice = Choice("sample" if in_the_way else "real", in_the_way)
    os.environ[variable] = choice.source
    return choice


def _digest(needed: Sequence[str], options: Mapping[str, Any]) -> str:
    """Tells apart what a workflow asks that imports this one twice, with other papers or another folder."""
    return hashlib.sha256(json.dumps([sorted(needed), options["folder"]]).encode()).hexdigest()[:8]


def _obstacles(needed: Sequence[str], options: Mapping[str, Any]) -> list[str]:
    folder, raw = Path(options["folder"]) / "real", Path(options["folder"]) / "raw"
    missing = [name for name in needed if not all((folder / name / file).is_file() for file in DECODED)]
    if missing:
        _check(options["mirrors"])
    return obstacles(missing, options["mirrors"], raw) if missing and options["on_unreachable"] != "fail" else []


def _check(mirrors: Sequence[str]) -> None:
    own = os.environ.get("DATASET_MIRROR", "")
    try:
        for mirror in mirrors:
            local_path(mirror)
        folder = local_path(own) if own else None
    except ValueError as error:
        raise SettingsError(f"dataset mirror {error}") from None
    if folder and not folder.is_dir():
        raise SettingsError(f"DATASET_MIRROR: {own} is no folder here; correct it, or unset it to ask the canonical servers")
