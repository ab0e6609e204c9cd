"""From images to bounds: train networks and their priors, choose σ, evaluate every kind of bound [biggs_bounds, E6 to E11].

Networks and priors are trained several at once and evaluated one by one. `s` is the setting of one network: the run's parameters
merged with a configuration (model, width, learning_rate, …). `stream(purpose)` returns the torch generator of one purpose, on the
device of the data.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from repro import datasets
from repro.checks import at_least, within
from scripts.biggs_bounds import bounds
from scripts.biggs_bounds.model import Network, RandomNetwork, initial_network, mean_mistakes, mistake_share, mistakes
from scripts.biggs_bounds.steps import Descent
from scripts.biggs_bounds.training import Priors, Trained, squared_distance, train, train_priors

COMMON = ("width", "init_std", "prior_share", "loss_stop", "fixed_epochs", "max_epochs", "delta")
"""Settings in which networks that train at once must agree, beside those of their steps."""

LIKELY_WRONG = 0.45
"""Frequency of errors that is one half within the noise of 100 draws (one standard deviation is 0.05)."""

N_CLASSES = 10

Stream = Callable[[str], torch.Generator]


class Data(NamedTuple):
    """Inputs of norm 1, float32 of shape (n, dim), and labels, int64 of shape (n,)."""

    x: Tensor
    labels: Tensor
    test_x: Tensor
    test_labels: Tensor
    pixels: Tensor
    """Order of the columns of x: from the pixel that is lit most often to those that never are, int64 of shape (dim,)."""


def load(folder: Path, n_train: int | None = None, device: str = "cpu") -> Data:
    """First `n_train` training images (null: all) and all test images with their labels, flattened, scaled to norm 1.

    Their pixels are put in an order that leaves those that a mini-batch does not use at the end, where training skips them.
    """
    train, test = _flat(datasets.images(folder, "train", n_train, np.uint8)), _flat(datasets.images(folder, "test", dtype=np.uint8))
    order = np.argsort(-np.count_nonzero(train, axis=0), kind="stable")
    x, test_x = (datasets.unit_norm(np.take(pixels, order, axis=1).astype(np.float32)) for pixels in (train, test))
    labels, test_labels = datasets.labels(folder, "train", n_train), datasets.labels(folder, "test")
    return Data(*(torch.from_numpy(part).to(device) for part in (x, labels, test_x, test_labels, order)))


def _flat(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1)


class Fit(NamedTuple):
    """One trained network with all that its bounds need."""

    s: Mapping[str, Any]
    data: Data
    initial: Network
    trained: Trained
    z: Tensor
    """Preactivations U x on the training set, shape (n, width); formed once for all draws."""
    test_z: Tensor
    stream: Stream

    @property
    def n_prior(self) -> int:
        """Training examples that the data-dependent prior sees: the first ones."""
        return _n_prior(self.s, self.data)


def _n_prior(s: Mapping[str, Any], data: Data) -> int:
    within("prior_share", s["prior_share"], 0, 1, open_at="both")
    return round(s["prior_share"] * len(data.x))


def fits(data: Data, settings: Sequence[Mapping[str, Any]], initial_seeds: Sequence[int], streams: Sequence[Stream]) -> list[Fit]:
    """Draw initial weights (on the CPU: the same for every device) and train the networks at once, to the loss rule or for `fixed_epochs`.

    Raises
    ------
    ValueError   if the settings differ in what networks that train at once have in common, or as `train`.
    """
    s = settings[0]
    for name in COMMON:
        if any(other[name] != s[name] for other in settings):
            raise ValueError(f"{name} must be one for networks that train at once")
    initials = [_initial(data, s, seed) for seed in initial_seeds]
    loss_stop = -np.inf if s["fixed_epochs"] else s["loss_stop"]
    args = initials, data.x, data.labels, [_descent(own) for own in settings]
    networks = train(*args, loss_stop=loss_stop, max_epochs=_max_epochs(s), n_prior=_n_prior(s, data))
    rows = zip(settings, initials, networks, streams, strict=True)
    return [Fit(own, data, initial, trained, *_preactivations(data, trained.network), stream) for own, initial, trained, stream in rows]


def _initial(data: Data, s: Mapping[str, Any], seed: int) -> Network:
    first = torch.Generator().manual_seed(seed)
    drawn = initial_network(s["width"], data.x.shape[1], N_CLASSES, s["init_std"], first)
    return Network(drawn.hidden.to(data.x.device)[:, data.pixels].contiguous(), drawn.output.to(data.x.device))


def _preactivations(data: Data, network: Network) -> tuple[Tensor, Tensor]:
    return data.x @ network.hidden.T, data.test_x @ network.hidden.T


def _descent(s: Mapping[str, Any]) -> Descent:
    return Descent(*(s[name] for name in Descent._fields))


def _max_epochs(s: Mapping[str, Any]) -> int:
    """Cap on the epochs of network and prior."""
    return s["fixed_epochs"] or s["max_epochs"]


def network_row(run: Fit) -> dict[str, Any]:
    """Errors of the deterministic network, and how its training ended."""
    args = run.s["model"], run.trained.network.output
    return {
        "n_prior": run.n_prior,
        "n_epochs": run.trained.n_epochs,
        "stopped": run.trained.stopped,
        "last_batch_loss": run.trained.last_batch_loss,
        "train_error": _mean(mean_mistakes(*args, run.z, run.data.labels, run.s["beta"])),
        "test_error": _mean(mean_mistakes(*args, run.test_z, run.data.test_labels, run.s["beta"])),
    }


def bound_rows(runs: Sequence[Fit]) -> list[tuple[list[dict[str, Any]], int]]:
    """Every kind of bound of each network, one row a kind, and the number of epochs of its prior; the priors are trained at once.

    The naive bound of E8 uses one draw an example and pair of σ, made before the prior is trained; its mean
    over all examples serves the full bound, that over the held-out ones the coupled bound.
    """
    errors = [grid_errors(run) for run in runs]
    first, n_prior = runs[0], runs[0].n_prior
    shared = [run.trained.shared for run in runs if run.trained.shared]
    priors = train_priors(
        [run.initial for run in runs],
        first.data.x[:n_prior],
        first.data.labels[:n_prior],
        [_descent(run.s) for run in runs],
        naive_bounds=lambda numbers, priors: naive_bounds([runs[i] for i in numbers], [errors[i][1] for i in numbers], priors),
        max_epochs=_max_epochs(first.s),
        after_one=shared or None,
    )
    return [(_all_rows(run, *own, prior), prior.n_epochs) for run, own, prior in zip(runs, errors, priors, strict=True)]


def _all_rows(run: Fit, on_all: np.ndarray, on_held_out: np.ndarray, priors: Priors) -> list[dict[str, Any]]:
    """Rows of one network from its stochastic errors on the grid of σ."""
    rows = _rows(run, {"full": run.initial}, on_all, slice(None))
    if run.s["zero_prior"]:
        zero = Network(*(torch.zeros_like(weights) for weights in run.initial))
        rows += _rows(run, {"full_zero_prior": zero}, on_all, slice(None))
    return rows + _rows(run, {"coupled": priors.best, "coupled_last_prior": priors.last}, on_held_out, slice(run.n_prior, None))


def grid_errors(run: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Share of mistakes in one draw an example for every pair of σ, on all examples and on the held-out ones: shape (σ_U, σ_V)."""
    stream = run.stream("grid")
    shares: list[Tensor] = []
    for sigma_hidden in _hidden_grid(run.s):
        wrong = mistakes(random_network(run, sigma_hidden, tuple(run.s["sigma_output"])), run.z, run.data.labels, stream)
        shares.append(torch.stack([wrong.double().mean(dim=1), wrong[:, run.n_prior :].double().mean(dim=1)]))
    on_all, on_held_out = torch.stack(shares, dim=1).cpu().numpy()
    return on_all, on_held_out


def naive_bounds(runs: Sequence[Fit], errors: Sequence[np.ndarray], priors: Sequence[Network]) -> list[float]:
    """Smallest naive bound (E8) of each network with its prior over the grid of σ, from its errors on the held-out examples."""
    moved = np.array(_distances(runs, priors)).reshape(-1, 2)
    found = np.empty(len(runs))
    for model in bounds.MODELS:
        at = [i for i, run in enumerate(runs) if run.s["model"] == model]
        if at:
            s = runs[at[0]].s
            hidden, output = (grid.ravel() for grid in _grid(s))
            kappa = bounds.complexity(model, s["beta"], (moved[at, :1], moved[at, 1:]), hidden, output)
            n_bound = len(runs[at[0]].z) - runs[at[0]].n_prior
            found[at] = bounds.smallest_naive_bound(np.stack([errors[i].ravel() for i in at]), kappa, n_bound, s["delta"])
    return found.tolist()


def _distances(runs: Sequence[Fit], priors: Sequence[Network]) -> list[float]:
    """d_U and d_V of each network from its prior, in turn; one transfer from a GPU."""
    pairs = [pair for run, prior in zip(runs, priors, strict=True) for pair in zip(run.trained.network, prior, strict=True)]
    return torch.stack([squared_distance(*pair) for pair in pairs]).tolist()


def _grid(s: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """σ_U and σ_V of every pair, shape (σ_U, σ_V)."""
    hidden, output = np.meshgrid(_hidden_grid(s), s["sigma_output"], indexing="ij")
    return hidden, output


def _hidden_grid(s: Mapping[str, Any]) -> list[float]:
    """Values of σ_U; one NaN for SHEL, which has no σ_U."""
    return list(s["sigma_hidden"]) if s["model"] == "gelu" else [np.nan]


def random_network(run: Fit, sigma_hidden: float, sigma_output: tuple[float, ...]) -> RandomNetwork:
    """The randomised network around the trained one."""
    return RandomNetwork(run.s["model"], run.trained.network.output, run.s["beta"], sigma_hidden, sigma_output)


def choose(run: Fit, errors: np.ndarray, prior: Network, n_bound: int) -> tuple[float, float, float]:
    """Smallest naive bound of the network with this prior, over the grid of σ, and its σ_U and σ_V [biggs_bounds, E8].

    `errors`, shape (σ_U, σ_V), are stochastic errors on the `n_bound` examples of the bound.
    """
    hidden, output = _grid(run.s)
    kappa = bounds.complexity(run.s["model"], run.s["beta"], distances(run, prior), hidden, output)
    naive = bounds.naive_bound(errors, kappa, n_bound, run.s["delta"])
    best = np.unravel_index(naive.argmin(), naive.shape)
    return float(naive[best]), float(hidden[best]), float(output[best])


def distances(run: Fit, prior: Network) -> tuple[float, float]:
    """d_U and d_V, squared distances of the trained network from a prior mean."""
    hidden, output = _distances([run], [prior])
    return hidden, output


def _rows(run: Fit, priors: Mapping[str, Network], errors: np.ndarray, held_out: slice) -> list[dict[str, Any]]:
    """Final bounds on the examples `held_out` for priors (kind → mean) that share the σ of the first one [biggs_bounds, E9]."""
    at_least(1, n_passes=run.s["n_passes"])
    kind, prior = next(iter(priors.items()))
    z, labels = run.z[held_out], run.data.labels[held_out]
    _, *sigma = choose(run, errors, prior, len(z))
    random = random_network(run, sigma[0], (sigma[1],))
    stream = run.stream(kind)
    passes = [_mean(mistakes(random, z, labels, stream)) for _ in range(run.s["n_passes"])]
    on_test = _mean(mistakes(random, run.test_z, run.data.test_labels, stream))
    error = float(np.mean(passes))
    drawn = {"stochastic_error": error, "stochastic_error_test": on_test}
    return [{"kind": kind, **_final(run, prior, sigma, error, len(z)), **drawn} for kind, prior in priors.items()]


def _final(run: Fit, prior: Network, sigma: list[float], error: float, n_bound: int) -> dict[str, Any]:
    """Bound of one kind with what went into it."""
    s = run.s
    hidden, output = distances(run, prior)
    kappa = float(bounds.complexity(s["model"], s["beta"], (hidden, output), *sigma))
    upper = error + bounds.hoeffding(n_bound, s["n_passes"], s["delta_estimate"])
    return {
        "bound": bounds.final_bound(upper, kappa, n_bound, n_union=s["n_union"], delta=s["delta"]),
        "complexity": kappa,
        "hidden_distance": hidden,
        "output_distance": output,
        "sigma_hidden": sigma[0],
        "sigma_output": sigma[1],
        "n_bound": n_bound,
        "n_union": s["n_union"],
        "delta": s["delta"],
        "delta_estimate": s["delta_estimate"],
    }


def factor_two(run: Fit, sigma_hidden: float, sigma_output: float) -> dict[str, Any]:
    """How often the random network errs where the deterministic one errs, on the test set [biggs_bounds, E7].

    The frequencies are over `n_draws` draws at each such point. Without such a point they count as 1.
    """
    network, s = run.trained.network, run.s
    wrong = mean_mistakes(s["model"], network.output, run.test_z, run.data.test_labels, s["beta"])
    count = int(wrong.sum())
    frequency = np.ones(1)
    if count:
        random = random_network(run, sigma_hidden, (sigma_output,))
        at = run.test_z[wrong], run.data.test_labels[wrong]
        frequency = mistake_share(random, *at, run.stream("factor two"), s["n_draws"]).cpu().double().numpy()
    return {
        "wrong_count": count,
        "wrong_frequency_min": float(frequency.min()),
        "wrong_frequency_mean": float(frequency.mean()),
        "wrong_share": float(np.mean(frequency >= LIKELY_WRONG)),
    }


def _mean(wrong: Tensor) -> float:
    return float(wrong.double().mean())
