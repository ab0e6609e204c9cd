"""What the claims measure in the tables [saxe_race]; bounds and wording stand in the paper's yaml."""

from functools import partial

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, rows, smallest
from repro.job import job
from repro.settings import load_paper
from scripts.saxe_race import xor
from scripts.saxe_race.measures import (
    alignment,
    deviation,
    drift,
    final_excess,
    last_step,
    mean_of,
    means,
    timing_residual,
    transfer_gap,
)
from scripts.saxe_race.model import PAPER

RICH_SCALE, LAZY_SCALE = 0.2, 2.5
LEARNED_SCALE = 0.66
"""Smallest scale from which the last mode too is learned within the epochs of the run."""


def r1(tables: Tables) -> dict[str, Measured]:
    """Distance of the ReLU network from the shifted closed form."""
    return {"deviation": largest(deviation(tables["xor_loss"], model="relu"))}


def r2(tables: Tables) -> dict[str, Measured]:
    """Distance of the gated network from the closed form, against the first-order error of gradient descent."""
    strength = float(np.min(tables["xor_pathways"]["initial_strength"].to_numpy()))

    def against_bound(learning_rate: float) -> Measured:
        found = largest(deviation(tables["xor_loss"], model="gdln", learning_rate=learning_rate))
        return Measured(found.value, predicted=xor.descent_bound(strength, learning_rate), n=found.n)

    return {"at_learning_rate": against_bound(0.2), "at_refined_rate": against_bound(0.02)}


def r3(tables: Tables) -> dict[str, Measured]:
    """Alignment of the ReLU units with the data points."""
    return {"alignment": smallest(alignment(tables["xor_units"]))}


def r4(tables: Tables) -> dict[str, Measured]:
    """Loss of the linear network."""
    found = rows(tables["xor_loss"], model="linear")
    return {"lowest": smallest(found["loss"]), "final": largest(rows(found, epoch=int(found["epoch"].max()))["loss"])}


def r5(tables: Tables) -> dict[str, Measured]:
    """Half-learning times against E5."""
    return {"timing": _timing(tables["routing_half_times"], 3)}


def r6(tables: Tables) -> dict[str, Measured]:
    """Loss before training against that of silence."""
    start = mean_of(tables["routing_loss"], "loss", initialization="random", epoch=0)
    return {"start": Measured(start.value, predicted=_silent_loss(tables), std_error=start.std_error, n=start.n)}


def r6b(tables: Tables) -> dict[str, Measured]:
    """Loss on the plateaus and at the end."""
    epochs = {"first_plateau": 100, "second_plateau": 200, "end": 499}
    return {part: mean_of(tables["routing_loss"], "loss", initialization="random", epoch=epoch) for part, epoch in epochs.items()}


def r7(tables: Tables) -> dict[str, Measured]:
    """Final strengths of the shared layer."""
    excess = final_excess(tables["singular_values"], tables["mode_predictions"], "hidden")["mean"].to_numpy()
    return {"hidden": Measured(float(excess[np.argmax(np.abs(excess))]), n=len(excess))}


def r7b(tables: Tables) -> dict[str, Measured]:
    """Final strengths of the encoders."""
    excess = final_excess(tables["singular_values"], tables["mode_predictions"], "encoder")["mean"]
    return {"smallest_excess": smallest(excess), "largest_excess": largest(excess)}


def r8(tables: Tables) -> dict[str, Measured]:
    """Drift of the conserved quantity."""
    end = drift(tables["singular_values"], tables["mode_predictions"]).iloc[-1]
    return {"drift": Measured(float(end["drift"]), predicted=float(end["predicted"]))}


def r9(tables: Tables) -> dict[str, Measured]:
    """Untrained pairs where one output is trained, and where four and more are."""
    return {"one_output": _untrained(tables, 1), "four_and_more": _from_four_on(tables)}


def r9b(tables: Tables) -> dict[str, Measured]:
    """Untrained pairs in between, and all trained pairs."""
    shared = rows(tables["zero_shot_error"], model="shared")
    every = [*range(1, int(shared["n_domains"].iloc[0]) + 1)]
    trained = means(shared, "error", "n_trained_outputs", every, split="trained")
    return {"three_outputs": _untrained(tables, 3), "four_and_more": _from_four_on(tables), "trained": largest(trained["mean"])}


def r10(tables: Tables) -> dict[str, Measured]:
    """What each further output takes off the error."""
    return {"smallest_drop": smallest([_untrained(tables, k).value - _untrained(tables, k + 1).value for k in (1, 2, 3)])}


def r11(tables: Tables) -> dict[str, Measured]:
    """Untrained pairs with private hidden layers."""
    return {"three_outputs": _untrained(tables, 3, "private"), "six_outputs": _untrained(tables, 6, "private")}


def r12(tables: Tables) -> dict[str, Measured]:
    """Untrained pairs against the initial scale."""
    errors = _by_scale(tables, "untrained")
    lazy = mean_of(tables["scale_error"], "error", split="untrained", initial_scale=LAZY_SCALE)
    return {"smallest_rise": smallest(np.diff(errors["mean"])), "lazy_end": lazy}


def r12b(tables: Tables) -> dict[str, Measured]:
    """Untrained pairs against the published readings; trained pairs."""
    errors = _by_scale(tables, "untrained")
    factor = np.exp(np.abs(np.log(errors["mean"] / errors["initial_scale"].map(dict(_readings())))))
    return {"factor": largest(factor), "trained": largest(_by_scale(tables, "trained")["mean"])}


def r13(tables: Tables) -> dict[str, Measured]:
    """Similarity of the encoders against the initial scale."""
    return {"smallest_fall": smallest(-np.diff(means(tables["encoder_similarity"], "cosine", "initial_scale")["mean"]))}


def r13b(tables: Tables) -> dict[str, Measured]:
    """Similarity of the encoders at both ends."""
    scales = {"rich": RICH_SCALE, "lazy": LAZY_SCALE}
    return {part: mean_of(tables["encoder_similarity"], "cosine", initial_scale=scale) for part, scale in scales.items()}


def r14(tables: Tables) -> dict[str, Measured]:
    """Where the race is even."""
    found = tables["crossover"]
    return {"crossing": largest((found["crossing_ratio"] - found["predicted_ratio"]).abs())}


def r15(tables: Tables) -> dict[str, Measured]:
    """Share of the shared pathway against the number of domains."""
    sweep = rows(tables["shared_fraction"], sweep="domains")
    curves = [rows(sweep, shared_init=init).sort_values("n_domains")["fraction"] for init in (0.2, 0.5)]
    return {"smallest_rise": smallest(np.concatenate([np.diff(curve) for curve in curves]))}


def r16(tables: Tables) -> dict[str, Measured]:
    """MNIST at the small gain."""
    found = rows(tables["mnist_accuracy"], gain=0.1)
    gaps = [_gap(found, gain=0.1, n_trained_outputs=k) for k in (4, 6)]
    accuracy = [_accuracy(found, split=split, n_trained_outputs=k).value for split in ("trained", "untrained") for k in (4, 6)]
    return {"gap": max(gaps, key=lambda gap: (np.isnan(gap.value), gap.value)), "accuracy": smallest(accuracy)}


def r17(tables: Tables) -> dict[str, Measured]:
    """MNIST: loss of transfer from gain to gain."""
    gaps = [_gap(tables["mnist_accuracy"], gain=gain, n_trained_outputs=4).value for gain in (0.1, 1.0, 3.0)]
    return {"smallest_rise": smallest(np.diff(gaps))}


def r17b(tables: Tables) -> dict[str, Measured]:
    """MNIST: sizes of the loss of transfer."""
    at_four = partial(_gap, tables["mnist_accuracy"], n_trained_outputs=4)
    return {"gain_1": at_four(gain=1.0), "gain_3": at_four(gain=3.0)}


def r18(tables: Tables) -> dict[str, Measured]:
    """MNIST: untrained pairs where one output is trained."""
    return {"chance": _chance(tables["mnist_accuracy"])}


def r19(tables: Tables) -> dict[str, Measured]:
    """Trained pairs below and above the largest stable learning rate."""
    trained = rows(tables["stability"], split="trained")
    below, above = trained[trained["relative_learning_rate"] < 1], trained[trained["relative_learning_rate"] > 1]
    if below.empty or above.empty:
        raise MissingRows("no row with relative_learning_rate below 1 or none above 1")
    return {"below": largest(below["error"]), "above": smallest(above["error"])}


def r20(tables: Tables) -> dict[str, Measured]:
    """CIFAR-10: loss of transfer from gain to gain."""
    small, large = (_gap(tables["cifar10_accuracy"], gain=gain, n_trained_outputs=4) for gain in (0.1, 1.0))
    return {"rise": Measured(large.value - small.value, n=large.n)}


def r20b(tables: Tables) -> dict[str, Measured]:
    """CIFAR-10: sizes."""
    table = tables["cifar10_accuracy"]
    trained = [_accuracy(table, split="trained", gain=gain, n_trained_outputs=k).value for gain in (0.1, 1.0) for k in (1, 4, 6)]
    return {
        "rich_gap": _gap(table, gain=0.1, n_trained_outputs=6),
        "lazy_gap": _gap(table, gain=1.0, n_trained_outputs=4),
        "trained": smallest(trained),
    }


def r20c(tables: Tables) -> dict[str, Measured]:
    """CIFAR-10: untrained pairs where one output is trained."""
    return {"chance": _chance(tables["cifar10_accuracy"])}


def r21(tables: Tables) -> dict[str, Measured]:
    """Half-learning times against E5 for several numbers of domains."""
    return {"timing": _timing(rows(tables["half_learning_times"], n_domains=[2, 4, 8]), 9)}


def _timing(table: pd.DataFrame, n: int) -> Measured:
    """Largest distance of n simulated half-learning times from theory and delay."""
    residual = timing_residual(table)["residual"]
    if len(residual) != n:
        raise MissingRows(f"{len(residual)} rows in place of {n} with method = simulation")
    return largest(residual.abs())


def _silent_loss(tables: Tables) -> float:
    """Loss of an output of zero: sum of the squared strengths of all modes, in the units of the loss."""
    found = tables["mode_predictions"]
    return float(np.sum(found["loss_weight"] * found["mode_strength"] ** 2))


def _untrained(tables: Tables, n_outputs: int, model: str = "shared") -> Measured:
    return mean_of(tables["zero_shot_error"], "error", model=model, split="untrained", n_trained_outputs=n_outputs)


def _from_four_on(tables: Tables) -> Measured:
    n_domains = int(rows(tables["zero_shot_error"], model="shared")["n_domains"].iloc[0])
    return largest([_untrained(tables, k).value for k in range(4, n_domains)])


def _by_scale(tables: Tables, split: str) -> pd.DataFrame:
    """Means over seeds of the error at the scales of the published readings at which all modes are learned."""
    scales = [scale for scale, _ in _readings() if scale >= LEARNED_SCALE]
    return means(tables["scale_error"], "error", "initial_scale", scales, split=split)


def _readings() -> list[tuple[float, float]]:
    """Initial scale and error of untrained pairs, as published."""
    return [(scale, error) for scale, error in load_paper(PAPER)["published"]["scale_untrained"]["points"]]


def _gap(table: pd.DataFrame, *, gain: float, n_trained_outputs: int) -> Measured:
    return mean_of(transfer_gap(table, gain=gain, n_trained_outputs=n_trained_outputs), "gap")


def _accuracy(table: pd.DataFrame, **equal: object) -> Measured:
    return mean_of(last_step(table, **equal), "accuracy")


def _chance(table: pd.DataFrame) -> Measured:
    """Largest over the gains of the accuracy on untrained pairs where one output is trained."""
    return largest(means(last_step(table), "accuracy", "gain", split="untrained", n_trained_outputs=1)["mean"])


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
