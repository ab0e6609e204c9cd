"""Tables of biggs_bounds as the paper preset would make them if every published number held, for the tests of claims and figures.

Images of a few pixels too, for the tests that train.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from repro.settings import figure_about, load_params
from scripts.biggs_bounds.figures.drawing import printed_bound
from scripts.biggs_bounds.runs import networks

ABOUT = figure_about("biggs_bounds", "fig_grid", "paper")

TEST_ERRORS = {"mnist": 0.045, "fashion_mnist": 0.15}
OTHER_SETTINGS = {
    ("gelu", "mnist"): 0.4,
    ("gelu", "fashion_mnist"): 0.65,
    ("shel", "mnist"): 0.67,
    ("shel", "fashion_mnist"): 0.85,
}
BEST = {
    ("gelu", "mnist", 0.003, 100, 6): 0.293,
    ("gelu", "fashion_mnist", 0.001, 100, 9): 0.568,
    ("shel", "mnist", 0.03, 50, 1): 0.494,
    ("shel", "fashion_mnist", 0.03, 50, 3): 0.727,
}
PLAIN = {
    ("gelu", "mnist"): 0.317,
    ("gelu", "fashion_mnist"): 0.709,
    ("shel", "mnist"): 0.522,
    ("shel", "fashion_mnist"): 0.844,
}


def last_prior_bound(s: dict) -> float:
    """The published last-prior bound of a setting, or one that contradicts no claim."""
    pair = (s["model"], s["dataset"])
    if s["labels"] == "random":
        return 1.87
    if s["momentum"] == 0:
        return PLAIN[pair]
    printed = printed_bound(ABOUT, pair, s["width"], s["learning_rate"])
    mean = printed["value"] if printed else OTHER_SETTINGS[pair]
    best = BEST.get((*pair, s["learning_rate"], s["width"], s["seed"]), mean)
    return best + (0.3 if s["n_train"] < 60000 else 0.0)


def published_tables() -> dict[str, pd.DataFrame]:
    """The columns of `network`, `bound` and `cifar_bound` that claims and figures read."""
    network_rows, bound_rows = [], []
    for s in networks.networks_of(load_params("biggs_bounds", "networks", "paper")):
        keys = {key: s[key] for key in networks.KEYS}
        test_error = TEST_ERRORS[s["dataset"]]
        network_rows.append({**keys, "test_error": test_error, "wrong_frequency_min": 0.4, "wrong_share": 0.995})
        last = last_prior_bound(s)
        kinds = {"full": last + 0.2, "coupled": last - 0.01, "coupled_last_prior": last}
        if s["zero_prior"]:
            kinds["full_zero_prior"] = last + 1.0
        drawn = {
            "hidden_distance": 90.0,
            "output_distance": 60.0,
            "sigma_hidden": 0.07 if s["model"] == "gelu" else np.nan,
            "sigma_output": 0.08,
            "stochastic_error": 0.4 * last,
            "stochastic_error_test": 0.4 * last,
        }
        bound_rows += [{**keys, "kind": kind, "bound": bound, **drawn} for kind, bound in kinds.items()]
    cifar = {"width": 50, "learning_rate": 0.1, "kind": ["full", "coupled", "coupled_last_prior"], "bound": 2.0}
    return {
        "network": pd.DataFrame(network_rows),
        "bound": pd.DataFrame(bound_rows),
        "cifar_bound": pd.DataFrame(cifar),
    }


def image_folders(new_folder: Callable[[str], Path]) -> dict[str, Path]:
    """Folders of images of ten noisy prototypes: learnable, 400 + 100 of them, of 36 pixels (12 colour pixels for cifar10)."""
    result = {}
    for name, shape in (("mnist", (1, 6, 6)), ("fashion_mnist", (1, 6, 6)), ("cifar10", (3, 2, 6))):
        rng = np.random.default_rng(len(result))
        folder = result[name] = new_folder(name)
        prototypes = rng.integers(0, 200, (10, *shape))
        for split, n in (("train", 400), ("test", 100)):
            labels = rng.integers(10, size=n)
            np.save(folder / f"{split}_labels.npy", labels)
            np.save(folder / f"{split}_images.npy", (prototypes[labels] + rng.integers(0, 56, (n, *shape))).astype(np.uint8))
    return result
