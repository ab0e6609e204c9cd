"""What claims judge and figures draw of the tables [munteanu_width]."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from repro.frames import select
from scripts.munteanu_width import theory

SUCCESS = 0.9  # share of the seeds with zero error from which on a width counts as trained
TRAINED_WIDTHS = [2, 4, 8, 16, 32, 64, 128, 256]
COMPARED_N = [8, 12, 16, 20, 24]  # sizes of the circle on which steps of both initializations are compared
ONE_STEP_N = [8, 16]
ONE_STEP_WIDTHS = [4, 8, 16, 32, 64, 128, 256]
ONE_STEP_SCALE = 10.0  # large enough that one step flips hardly any activation
SCALES = [1.0, 10.0]
SWEEP = {"n_train": 16, "width": 256, "stops_at_hit": False}
JUDGED_PAIR = {"pair": "zero_one", "n_train": 64}
INITIALIZATIONS = ["coupled", "independent"]

SETTING = ["n_train", "width", "init_scale", "initialization"]


def learnable(table: pd.DataFrame) -> pd.DataFrame:
    """Rows on circles of 4, 8, … points."""
    return table[table["n_train"] % 4 == 0]


def medians(table: pd.DataFrame, column: str, keys: Sequence[str] = SETTING) -> "pd.Series[float]":
    """Median of a column over the seeds by setting; infinities count, and what is no number makes none."""
    return table.groupby(list(keys))[column].agg(lambda values: np.median(values.to_numpy(dtype=float)))


def success(runs: pd.DataFrame, keys: Sequence[str] = SETTING) -> "pd.Series[float]":
    """Share of the seeds that reach zero error, by setting."""
    return _share(runs["hit_step"].lt(np.inf), runs["hit_step"], runs, keys)


def one_step_share(runs: pd.DataFrame, keys: Sequence[str] = SETTING) -> "pd.Series[float]":
    """Share of the seeds that reach zero error in one step, by setting."""
    return _share(runs["hit_step"].eq(1), runs["hit_step"], runs, keys)


def _share(flags: "pd.Series[bool]", values: "pd.Series[float]", table: pd.DataFrame, keys: Sequence[str]) -> "pd.Series[float]":
    """Mean of flags by setting, not a number where a value is none."""
    known = flags.astype(float).where(values.notna())
    return known.groupby([table[key] for key in keys]).agg(lambda share: share.mean(skipna=False))


def hit_ratios(runs: pd.DataFrame) -> pd.DataFrame:
    """Median hit step, coupled over independent, on learnable circles; runs that end at their hit.

    An infinite coupled median gives an infinite ratio; where only the independent one is infinite, the ratio is 0.

    Returns
    -------
    DataFrame with n_train, width, init_scale, ratio, neither (both medians are infinite), success_gain (share of seeds with zero
    error, coupled − independent).
    """
    stopping = learnable(select(runs, stops_at_hit=True))
    if stopping.empty:
        return pd.DataFrame(columns=["n_train", "width", "init_scale", "ratio", "neither", "success_gain"], dtype=float)
    steps = medians(stopping, "hit_step").unstack("initialization").reindex(columns=INITIALIZATIONS)  # noqa: PD010 - its index is unique
    shares = success(stopping).unstack("initialization").reindex(columns=INITIALIZATIONS)  # noqa: PD010
    neither = np.isinf(steps["coupled"]) & np.isinf(steps["independent"])
    ratio = (steps["coupled"] / steps["independent"].where(~neither, 1.0)).rename("ratio")
    gain = shares["coupled"] - shares["independent"]
    return ratio.to_frame().assign(neither=neither, success_gain=gain).reset_index()


def trained_width(runs: pd.DataFrame, **setting: object) -> float:
    """Smallest of the doubling widths with enough seeds at zero error, infinite if none; not a number unless all widths are there."""
    shares = success(select(runs, stops_at_hit=True, width=TRAINED_WIDTHS, **setting), ["width"])
    if sorted(shares.index) != TRAINED_WIDTHS or shares.isna().any():
        return np.nan
    return float(min(shares.index[shares >= SUCCESS], default=np.inf))


def transfer_width(transfer: pd.DataFrame, n_train: int) -> float:
    """Smallest computed width at which the sampled margin keeps its half often enough, infinite if none."""
    found = select(transfer, n_train=n_train, event="half_margin")
    return float(min(found["width"][found["probability"] >= SUCCESS], default=np.inf))


def cover_z(frozen: pd.DataFrame) -> "pd.Series[float]":
    """Distance of the median frozen width from the law of the cover width in its standard errors, by n_train."""
    found = learnable(frozen)
    median, n_seeds = medians(found, "frozen_width", ["n_train"]), found.groupby("n_train").size()
    n = median.index.to_numpy(dtype=float)
    return (median - theory.cover_median(n)) / theory.cover_median_error(n, n_seeds.to_numpy()) if len(n) else median


def equal_share(frozen: pd.DataFrame) -> "pd.Series[float]":
    """Share of the seeds with equal frozen and cover width, by n_train."""
    found = learnable(frozen)
    both = found["frozen_width"] + found["cover_width"]
    return _share(found["frozen_width"].eq(found["cover_width"]), both, found, ["n_train"])


def below_cover(frozen: pd.DataFrame) -> "pd.Series[float]":
    """Number of seeds whose frozen width is below the cover width, by n_train; not a number where one of the two is none."""
    found = learnable(frozen)
    below = found["frozen_width"].lt(found["cover_width"]).astype(float)
    return below.where((found["frozen_width"] + found["cover_width"]).notna()).groupby(found["n_train"]).agg(lambda n: n.sum(skipna=False))


def narrow(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs on learnable circles with fewer than n/2 units."""
    found = learnable(runs)
    return found[found["width"] < found["n_train"] / 2]


def one_step_settings(runs: pd.DataFrame, transfer: pd.DataFrame, initialization: str) -> pd.DataFrame:
    """Seeds with zero error after one step beside the chance of a positive transfer margin at half the width [munteanu_width, E12].

    Returns
    -------
    DataFrame with n_train, width, init_scale, observed (number of seeds), n_seeds, chance, n_draws; one row a setting, no number where
    the transfer table has no row.
    """
    found = select(runs, stops_at_hit=True, initialization=initialization, n_train=ONE_STEP_N, width=ONE_STEP_WIDTHS)
    keys = ["n_train", "width", "init_scale"]
    counts = found.groupby(keys).size().rename("n_seeds").to_frame()
    settings = counts.assign(observed=one_step_share(found, keys) * counts["n_seeds"]).reset_index()
    law = select(transfer, event="positive").assign(width=lambda rows: 2 * rows["width"]).rename(columns={"probability": "chance"})
    return settings.merge(law[["n_train", "width", "chance", "n_draws"]], on=["n_train", "width"], how="left")


def pooled_z(settings: pd.DataFrame) -> float:
    """(O − E)/√V over settings: seeds that hit in one step, their expected number, and its variance with that of the chances."""
    expected = settings["n_seeds"] * settings["chance"]
    variance = expected * (1 - settings["chance"]) * (1 + settings["n_seeds"] / settings["n_draws"])
    with np.errstate(divide="ignore", invalid="ignore"):  # chances that are all 0 or 1 leave no variance
        return float((settings["observed"] - expected).sum(skipna=False) / np.sqrt(variance.sum(skipna=False)))


def flip_ratios(stability: pd.DataFrame) -> pd.DataFrame:
    """Median flip share at the larger scale over that at the smaller one.

    Returns
    -------
    DataFrame with n_train, dim, width, initialization, ratio.
    """
    keys = ["n_train", "dim", "width", "initialization"]
    wide = medians(stability, "flip_share", [*keys, "init_scale"]).unstack("init_scale").reindex(columns=SCALES)  # noqa: PD010
    return (wide[SCALES[1]] / wide[SCALES[0]].where(wide[SCALES[0]] > 0)).rename("ratio").reset_index()


def excess(curves: pd.DataFrame) -> pd.DataFrame:
    """Largest loss over bound after the first step, one row a run.

    Returns
    -------
    DataFrame with n_train, dim, width, init_scale, initialization, seed, excess; not a number where one of the run's losses is.
    """
    keys = ["n_train", "dim", "width", "init_scale", "initialization", "seed"]
    later = curves[curves["step"] >= 1]
    return (later["loss"] / later["bound"]).groupby([later[key] for key in keys]).agg(_max).rename("excess").reset_index()


def broken(runs: pd.DataFrame, keys: Sequence[str]) -> "pd.Series[float]":
    """Share of the runs of `excess` whose loss is above its bound at some step, by setting."""
    return _share(runs["excess"].gt(1), runs["excess"], runs, keys)


def _max(values: "pd.Series[float]") -> float:
    return float(np.max(values.to_numpy(dtype=float)))


def margin_ratios(margins: pd.DataFrame) -> "pd.Series[float]":
    """Margin of the true labels over the largest margin of permuted ones, by pair and n_train."""
    keys = ["pair", "n_train"]
    true = select(margins, labels="original").set_index(keys)["margin_l2"]
    return true / select(margins, labels="permuted").groupby(keys)["margin_l2"].agg(_max)
