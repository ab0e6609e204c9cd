"""Races of two modalities: correlations, winners and errors, jointly and alone, with what theory says of them [huang_modality, E1–E6].

A seed draws its training set, test set and initial weights from one stream, whatever the setting: settings differ in what is done
with the same random numbers.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.huang_modality import theory
from scripts.huang_modality.model import (
    N_MODALITIES,
    PAPER,
    Activation,
    World,
    cross_entropy,
    draw,
    error_rate,
    feature_correlations,
    logits,
    outcome,
    samples,
)
from scripts.huang_modality.training import train

RUN = "modality_races"
BASE = "base"
MODALITIES = np.arange(1, N_MODALITIES + 1)
SPLITS = ["train", "test"]
_SEEDS_AT_ONCE = 10

Tables = dict[str, pd.DataFrame]


def compute(p: Mapping) -> Tables:
    """Settings one below the other; tables of setting base are empty where it is not among them."""
    settings = [_whole(p, setting) for setting in p["settings"]]
    found: dict[str, list[pd.DataFrame]] = defaultdict(list)
    progress = Progress(sum(setting["n_seeds"] for setting in settings), "seeds of all settings")
    for setting in settings:
        own = seeds({**setting, "seed_offset": p["seed_offset"]})
        for first in range(0, len(own), _SEEDS_AT_ONCE):
            some = own[first : first + _SEEDS_AT_ONCE]
            _collect(found, _tables(setting, Race(p, setting, some)))
            progress.update(len(some))
        _collect(found, _predictions(p, setting))
    # an empty frame would change the types of the columns it is joined with
    return {name: pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True) for name, frames in found.items()}


def _collect(found: dict[str, list[pd.DataFrame]], part: Tables) -> None:
    for name, frame in part.items():
        found[name].append(frame)


def _whole(p: Mapping, setting: Mapping) -> Mapping:
    """A setting with what it has in common with setting base."""
    common = {name: p[name] for name in ("insufficient", "scale", "init_std", "learning_rate", "n_steps", "training")}
    return {**common, "n_seeds": p["n_seeds" if setting["setting"] == BASE else "other_seeds"], **setting}


class Path(NamedTuple):
    """What one training went through; recorded steps are the leading dimension T."""

    steps: np.ndarray
    correlations: np.ndarray  # (T, S, 2, K)
    losses: np.ndarray  # (T, S, predictors)
    errors: np.ndarray  # (T, S, predictors)
    scores: Mapping[str, np.ndarray]  # split → logits of each encoder at the end, (S, 2, n, K)


class Race:
    """Data of some seeds in one setting, and their trainings."""

    def __init__(self, p: Mapping, setting: Mapping, own: list[int]) -> None:
        self.p, self.setting, self.own = p, setting, own
        world = World(**{name: p[name] for name in World._fields})
        self.activation = Activation(p["activation_power"], p["activation_knee"]).checked()
        drawn, starts = {split: [] for split in SPLITS}, []
        for seed in own:
            stream = generator(PAPER, RUN, seed=seed)
            for split in SPLITS:
                drawn[split].append(draw(stream, p[f"n_{split}"], world))
            starts.append(stream.standard_normal((N_MODALITIES, p["n_classes"] * p["width"], p["dim"])))
        self.given = {split: samples(of_split, setting["insufficient"], setting["scale"], world) for split, of_split in drawn.items()}
        self.start = (setting["init_std"] * np.stack(starts)).astype(np.float32)
        self.paths = {training: self._path(training) for training in setting["training"]}

    def _path(self, training: str) -> Path:
        p, setting, given = self.p, self.setting, self.given
        every = p["record_every"] if setting["setting"] == BASE else setting["n_steps"]
        steps = np.append(np.arange(0, setting["n_steps"], every), setting["n_steps"])
        labels, recorded = given["train"].labels[:, None], []
        for weights, scores in train(
            self.start, given["train"], steps, training=training, learning_rate=setting["learning_rate"], activation=self.activation
        ):
            seen = scores.sum(axis=1, keepdims=True) if training == "joint" else scores
            recorded.append((feature_correlations(weights, p["n_classes"]), cross_entropy(seen, labels), error_rate(seen, labels)))
        tested = logits(weights, given["test"].inputs, p["n_classes"], self.activation)
        return Path(steps, *(np.stack(part) for part in zip(*recorded, strict=True)), {"train": scores, "test": tested})

    def is_valid(self) -> np.ndarray | None:
        """Whether all features of a seed were learned alone; None where none was trained alone."""
        if "uni" not in self.paths:
            return None
        return (self.paths["uni"].correlations[-1] > self.p["learned_above"]).all(axis=(-1, -2))

    def predictors(self, split: str) -> dict[str, np.ndarray]:
        """Logits of all predictors at the end, (S, n, K) each."""
        scores = {training: path.scores[split] for training, path in self.paths.items()}
        found = {}
        if "joint" in scores:
            joint = scores["joint"]
            found |= {"joint": joint.sum(axis=1), "joint_encoder1": joint[:, 0], "joint_encoder2": joint[:, 1]}
        if "uni" in scores:
            alone = scores["uni"]
            found |= {"uni1": alone[:, 0], "uni2": alone[:, 1], "ensemble": alone.sum(axis=1)}
        return found


def _tables(setting: Mapping, race: Race) -> Tables:
    named = {name: setting[name] for name in ("setting", "scale", "init_std")}
    p, winners = race.p, _winners(race).assign(**named)
    found = {
        "class_winners": winners,
        "winning_shares": _shares(setting, winners).assign(**named, n_classes=p["n_classes"]),
        "prediction_errors": _errors(race).assign(**named),
    }
    of_base = {"feature_correlations": _correlations(race), "training_curves": _curves(race), "conditional_errors": _conditional(race)}
    return found | {name: frame if setting["setting"] == BASE else frame.iloc[:0] for name, frame in of_base.items()}


def _winners(race: Race) -> pd.DataFrame:
    p, learning_rate = race.p, race.setting["learning_rate"]
    start = feature_correlations(race.start, p["n_classes"])
    rates = theory.growth_rates(race.given["train"], race.activation)
    told = theory.forecast(start, rates, race.activation, learning_rate)
    frames = []
    for training, path in race.paths.items():
        winner, ratio = outcome(path.correlations[-1])
        frames.append(
            tidy(
                {"seed": race.own, "label": np.arange(p["n_classes"])},
                training=training,
                winner=winner,
                predicted_winner=told.winner,
                log_advantage=told.advantage,
                blow_up_step=told.blow_up_step,
                correlation_ratio=ratio,
                is_exclusive=ratio < p["exclusive_ratio"],
            )
        )
    return pd.concat(frames, ignore_index=True)


def _shares(setting: Mapping, winners: pd.DataFrame) -> pd.DataFrame:
    """Share of the classes that modality 1 wins jointly, one row a seed."""
    joint = winners[winners["training"] == "joint"]
    share = (joint["winner"] == 1).groupby(joint["seed"]).mean()
    return _mixture(setting, pd.DataFrame({"seed": share.index, "share": share.to_numpy()})).assign(method="simulation")


def _predictions(p: Mapping, setting: Mapping) -> Tables:
    """Probability of winning by theory, at the setting's strength; on a fine grid for setting base."""
    scales = np.linspace(*p["curve_scales"]) if setting["setting"] == BASE else np.array([])
    curve = pd.DataFrame({"scale": scales, "share": [_predicted(p, setting, scale) for scale in scales]}, dtype=float)
    row = {
        "method": "theory",
        "seed": pd.array([None], dtype="Int64"),
        "share": [_predicted(p, setting, setting["scale"])],
        "n_classes": p["n_classes"],
        **{name: setting[name] for name in ("setting", "scale", "init_std")},
    }
    curve["mixture_error"] = theory.mixture_error(curve["share"], setting["insufficient"])
    return {"winning_shares": _mixture(setting, pd.DataFrame(row)), "winning_curve": curve}


def _predicted(p: Mapping, setting: Mapping, scale: float) -> float:
    activation = Activation(p["activation_power"], p["activation_knee"])
    return theory.predicted_share(setting["insufficient"], scale, width=p["width"], activation=activation, signal_max=p["signal_max"])


def _mixture(setting: Mapping, shares: pd.DataFrame) -> pd.DataFrame:
    first, second = setting["insufficient"]
    mixed = theory.mixture_error(shares["share"], (first, second))
    return shares.assign(insufficient_1=first, insufficient_2=second, mixture_error=mixed)


def _errors(race: Race) -> pd.DataFrame:
    found: dict[str, Any] = {
        split: {name: error_rate(scores, race.given[split].labels) for name, scores in race.predictors(split).items()} for split in SPLITS
    }
    names = list(found["test"])
    errors = np.array([[found[split][name] for split in SPLITS] for name in names])
    valid = race.is_valid()
    return tidy({"predictor": names, "split": SPLITS, "seed": race.own}, error=errors, is_valid=None if valid is None else valid)


def _correlations(race: Race) -> pd.DataFrame:
    p, frames = race.p, []
    for training, path in race.paths.items():
        axes = {"step": path.steps, "seed": race.own, "modality": MODALITIES, "label": np.arange(p["n_classes"])}
        found = path.correlations
        frames.append(tidy(axes, training=training, correlation=found, is_learned=found > p["learned_above"]))
    return pd.concat(frames, ignore_index=True)


def _curves(race: Race) -> pd.DataFrame:
    frames = []
    for training, path in race.paths.items():
        names = ["joint"] if training == "joint" else ["uni1", "uni2"]
        frames.append(tidy({"step": path.steps, "seed": race.own, "predictor": names}, loss=path.losses, error=path.errors))
    return pd.concat(frames, ignore_index=True)


def _conditional(race: Race) -> pd.DataFrame:
    """Errors on the test samples that are insufficient in one modality."""
    given, valid = race.given["test"], race.is_valid()
    n_test = given.is_insufficient.sum(axis=-1)
    frames = []
    for name, scores in race.predictors("test").items():
        if name in ("joint", "ensemble"):
            wrong = scores.argmax(axis=-1) != given.labels
            n_wrong = (wrong[:, None] & given.is_insufficient).sum(axis=-1)
            error = np.divide(n_wrong, n_test, out=np.full(n_test.shape, np.nan), where=n_test > 0)
            axes = {"seed": race.own, "insufficient_modality": MODALITIES}
            frames.append(tidy(axes, predictor=name, error=error, n_test=n_test, is_valid=None if valid is None else valid[:, None]))
    return pd.concat(frames, ignore_index=True)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
