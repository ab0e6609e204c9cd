"""From one setting to the bounds of one network, for a Python prompt; the pipeline's runs do not need it."""

from pathlib import Path
from typing import Any

import pandas as pd

from repro.checks import one_of
from repro.settings import ROOT, load_params
from scripts.biggs_bounds.bounds import MODELS
from scripts.biggs_bounds.runs import networks

DATA = ROOT / "data" / "real"


def certify(
    model: str = "shel", dataset: str = "mnist", *, width: int = 50, learning_rate: float = 0.03, seed: int = 1, **changes: Any
) -> pd.DataFrame:
    """Train one network and its prior and bound its error [biggs_bounds, E1 to E12].

    Parameters
    ----------
    model : "shel" or "gelu".
    dataset : "mnist" or "fashion_mnist", decoded in `data/real`.
    width, learning_rate, seed :
        Hidden units K, step of both layers, seed of weights and draws.
    changes :
        Other parameters of the run `networks` or its blocks, as its yaml names them: momentum, batch_size, n_train (a
        number), labels, fixed_epochs, zero_prior, max_epochs, n_passes, … ; `folder` is another place of the dataset.

    Returns
    -------
    DataFrame   one row a kind of bound (the index): bound, complexity, stochastic errors, σ, … and the test error.

    Raises
    ------
    ValueError   for an unknown model, data set or parameter, or a size that makes no sense.
    """
    one_of("model", model, MODELS)
    p = load_params("biggs_bounds", "networks", "quick")
    one_of("dataset", dataset, tuple(p["loss_stop"]))
    folder = Path(changes.pop("folder", DATA / dataset))
    for name in changes:
        one_of("parameter", name, (*p["block"], *(key for key in p if key not in ("block", "blocks", "shards"))))
    own = {name: changes.pop(name) for name in p["block"] if name in changes}
    if "n_train" in own:
        own["n_train"] = [own["n_train"]]
    block = {"model": [model], "dataset": [dataset], "width": [width], "learning_rate": [learning_rate], "n_seeds": 1, **own}
    tables = networks.compute({**p, **changes, "blocks": [block], "seed_offset": seed - 1}, {dataset: folder})
    bound = tables["bound"].set_index("kind").drop(columns=list(networks.KEYS))
    return bound.assign(test_error=tables["network"]["test_error"].iloc[0])
