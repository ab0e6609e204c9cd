"""What the runs that ask for a GPU cost at the published scale, measured on slices of them on the device at hand.

    python -m benchmarks.slices                          # all of them, on a GPU if there is one, else on one CPU core
    python -m benchmarks.slices razin_htf_pathfinder     # one of them

A slice is the run itself with fewer networks and steps, in two lengths: what their difference costs is the price of a step without
loading and setting up, and the published number of steps multiplies it. It is the `cost` in runs.yaml that says `slice`.
Differences between networks of one run are counted as their sizes say (width, centroids, depth), which is rough: a factor of two at
most. The epochs of biggs_bounds are those of its rule, by the mean of the networks that were trained so far.
"""

import importlib
import inspect
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch

from benchmarks.biggs_bounds import N_EPOCHS
from repro.settings import ROOT, load_params, load_run

Params = dict[str, Any]


class Slice(NamedTuple):
    """A part of a run in two lengths."""

    paper: str
    run: str
    changes: Mapping[str, Any]
    """Parameters that make the run small."""
    lengths: tuple[Mapping[str, Any], Mapping[str, Any]]
    """Parameters of the short and of the long slice."""
    units: Callable[[Params], float]
    """Amount of work of parameters, whole or sliced: any unit."""


def _variants(p: Params) -> float:
    """Images seen by networks of 1024 centroids: a network a seed and k."""
    networks = sum(len(v["seeds"]) * max(1, len(v["n_nearest"])) * v["n_centroids"] / 1024 for v in p["variants"])
    return networks * p["n_train"] * p["epochs"]


def _clusterings(p: Params) -> float:
    """Distances of patches from centroids."""
    numbers = {*p["n_centroids"], *range(2, (p["every_integer_to"] or 0) + 1)}
    return len(p["patch_kinds"]) * len(p["seeds"]) * p["n_patches"] * sum(numbers) * (p["lloyd_iterations"] + 1)


def _routing(p: Params) -> float:
    """Steps of networks of width 1024."""
    return sum(p["widths"]) / 1024 * len(p["n_trained_outputs"]) * len(p["settings"]) * p["n_seeds"] * p["n_steps"]


def _mlps(p: Params) -> float:
    """Layers of all steps of all networks."""
    controls = len(p["he_learning_rates"]) + len(p["default_learning_rates"])
    narrow = sum(net["depth"] * net["n_steps"] for net in p["networks"])
    return p["n_seeds"] * (narrow + controls * p["control_depth"] * p["control_n_steps"])


def _cnns(p: Params) -> float:
    """Layers of all steps; float64 counts twice, an evaluation a third of a step for each batch of images."""
    evaluations = 1 + (p["n_train"] + p["n_test"]) / p["batch_size"] / 3 / p["eval_every"]
    each = (net["depth"] * net["n_steps"] * (2 if net["precision"] == "float64" else 1) for net in p["networks"])
    return p["n_seeds"] * evaluations * sum(each)


def _pairs_seen(p: Params) -> float:
    """Images of regularised trainings; one without counts a quarter, as it needs one of four passes."""
    weights = [weight for training in p["trainings"] for weight in training["regulariser_weights"]]
    return len(p["seeds"]) * p["n_train"] * p["epochs"] * sum(1 if weight else 0.25 for weight in weights)


def _paths_seen(p: Params) -> float:
    of_weights = sum(1 if weight else 0.25 for weight in p["regulariser_weights"])
    return len(p["path_lengths"]) * len(p["seeds"]) * p["n_train"] * p["epochs"] * of_weights


def _bounds(p: Params) -> float:
    """Examples times hidden units of all epochs; a prior's epochs count 0.6, as its share of the data."""
    block = {"fixed_epochs": None, "n_train": [60_000]}
    total = 0.0
    for own in ({**block, **block_} for block_ in p["blocks"]):
        networks = len(own["model"]) * len(own["dataset"]) * len(own["learning_rate"]) * own["n_seeds"]
        total += networks * sum(own["width"]) * sum(own["n_train"]) * (1.6 * own["fixed_epochs"] if own["fixed_epochs"] else N_EPOCHS)
    return total


def _cifar_bounds(p: Params) -> float:
    return len(p["width"]) * p["n_seeds"] * p["max_epochs"]


ONE = {"dictionary": "clustered", "n_centroids": 1024, "n_nearest": [256], "pooled": True, "bottleneck": True, "learning_rate": 3e-3}
FEW_PATCHES = {"lloyd_iterations": 1, "patches_per_centroid": 4}
ONE_EPOCH = {"epochs": 1, "decay_epochs": []}
FEW = {**FEW_PATCHES, **ONE_EPOCH, "evaluate_last": 1}
IMAGES = ({"n_train": 64, "n_test": 13}, {"n_train": 192, "n_test": 39})
STEPS = ({"n_steps": 2}, {"n_steps": 6})
GAIN = [{"gain": 0.1, "learning_rate": 1e-4}]
ROUTES = {"n_trained_outputs": [20], "widths": [1024], "settings": GAIN, "n_seeds": 1, "n_train": 64, "n_test": 8}
LAYERS = {f"{name}_{kind}": value for name, value in ONE_EPOCH.items() for kind in ("hard", "full")}


def _narrow(**net: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return tuple({"networks": [{"depth": 20, "scale": 4.0, "n_steps": n, **net}]} for n in (2, 8))  # type: ignore[return-value]


def _trained_for(*n_epochs: int) -> tuple[Mapping[str, Any], ...]:
    block = {"model": ["gelu", "shel"], "dataset": ["mnist"], "width": [400], "learning_rate": [0.1], "n_train": [6000], "n_seeds": 1}
    return tuple({"blocks": [{**block, "fixed_epochs": n}], "n_passes": 1, "n_draws": 1} for n in n_epochs)


SLICES = [
    Slice("biggs_bounds", "networks", {}, _trained_for(1, 3), _bounds),  # type: ignore[arg-type]
    Slice("biggs_bounds", "cifar_networks", {"n_passes": 1}, ({"max_epochs": 1}, {"max_epochs": 9}), _cifar_bounds),
    Slice("saxe_race", "mnist_transfer", ROUTES, tuple({**n, "eval_every": n["n_steps"]} for n in STEPS), _routing),  # type: ignore[arg-type]
    Slice("saxe_race", "cifar10_transfer", ROUTES, tuple({**n, "eval_every": n["n_steps"]} for n in STEPS), _routing),  # type: ignore[arg-type]
    Slice("lee_deepnarrow", "mlp_training", {"n_train": 2000, "n_test": 8, "control_depth": 2, "control_n_steps": 1}, _narrow(), _mlps),
    Slice(
        "lee_deepnarrow",
        "cnn_training",
        {"n_test": 8, "n_train": 600, "eval_every": 1000},
        _narrow(n_classes=10, scaled_learning_rate=0.64, precision="float32"),
        _cnns,
    ),
    Slice(
        "brutzkus_patches",
        "patch_clustering",
        {"patch_kinds": ["random"], "every_integer_to": None, "n_centroids": [512], "whitening_patches": 1000},
        ({"n_patches": 10_000}, {"n_patches": 40_000}),
        _clusterings,
    ),
    Slice("brutzkus_patches", "hard_features", {**FEW, "variants": [{**ONE, "whitened": True, "seeds": [0]}]}, IMAGES, _variants),
    Slice("brutzkus_patches", "learned_filters", {**FEW, "variants": [{**ONE, "model": "full", "seeds": [0]}]}, IMAGES, _variants),
    Slice(
        "brutzkus_patches",
        "linear_maps",
        {**FEW_PATCHES, **ONE_EPOCH, "seeds": [0]},
        IMAGES,
        lambda p: len(p["seeds"]) * len(p["maps"]) * p["n_train"] * p["epochs"],
    ),
    Slice(
        "brutzkus_patches",
        "layers",
        {**FEW_PATCHES, **LAYERS, "evaluate_last": 1, "seeds": [0]},
        IMAGES,
        lambda p: len(p["seeds"]) * p["n_train"] * p["epochs_hard"],
    ),
    Slice(
        "razin_htf",
        "locality",
        {"trainings": [{"distance": 80, "regulariser_weights": [1.0]}], "seeds": [0], "epochs": 1, "batch_size": 16, "n_test": 16},
        ({"n_train": 16}, {"n_train": 48}),
        _pairs_seen,
    ),
    Slice(
        "razin_htf",
        "pathfinder",
        {"path_lengths": [3], "regulariser_weights": [3.0], "seeds": [0], "epochs": 1, "batch_size": 16, "n_test": 16},
        ({"n_train": 16}, {"n_train": 48}),
        _paths_seen,
    ),
]


def seconds(part: Slice, length: Mapping[str, Any], device: str) -> tuple[float, float]:
    """Seconds that a slice takes (of a core, or of the wall clock on a GPU), and its units."""
    p = {**load_params(part.paper, part.run, "paper"), **part.changes, **length}
    p.pop("shards", None)
    compute = importlib.import_module(f"scripts.{part.paper}.runs.{part.run}").compute
    folders = {name: ROOT / "data" / "real" / name for name in load_run(part.paper, part.run)["datasets"]}
    given = {name: value for name, value in (("datasets", folders), ("device", device)) if name in inspect.signature(compute).parameters}
    clock = time.perf_counter if device == "cuda" else time.process_time
    start = clock()
    compute(p, **given)
    return clock() - start, part.units(p)


def told(part: Slice, device: str) -> str:
    """The whole run's cost by its slice, in a line."""
    (short, few), (long, many) = (seconds(part, length, device) for length in part.lengths)
    whole = part.units(load_params(part.paper, part.run, "paper"))
    cost = (long - short) / (many - few) * whole
    return f"{part.paper}_{part.run}: {cost:.3g} s by a slice of {many - few:.3g} in {whole:.3g} units that took {long - short:.3g} s"


def main() -> None:
    """Print a line a run, or of those that are named."""
    torch.set_num_threads(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    asked = sys.argv[1:] or [f"{part.paper}_{part.run}" for part in SLICES]
    print("wall clock of the GPU" if device == "cuda" else "CPU time of one core")  # noqa: T201 - its answer
    for part in SLICES:
        if f"{part.paper}_{part.run}" in asked:
            print(told(part, device), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
