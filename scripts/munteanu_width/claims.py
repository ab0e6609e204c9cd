"""What the claims measure in the tables [munteanu_width]; bounds and wording stand in the paper's yaml."""

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, one, rows, smallest
from repro.job import job
from scripts.munteanu_width import comparison, theory

CONTROL_N = [10, 14]


def c3(tables: Tables) -> dict[str, Measured]:
    """Runs with fewer than n/2 units, and how many of them come to zero error."""
    narrow = comparison.narrow(tables["circle_training_run"])
    return {"hits_below": _count_finite(narrow["hit_step"]), "rows_below": Measured(float(len(narrow)), n=len(narrow))}


def c4(tables: Tables) -> dict[str, Measured]:
    """Sequences that separate before they cover."""
    counts = comparison.below_cover(_some(tables["frozen_width"]))
    return {"below_cover": Measured(float(counts.sum(skipna=False)), n=len(comparison.learnable(tables["frozen_width"])))}


def c4_law(tables: Tables) -> dict[str, Measured]:
    """Largest distance of a median frozen width from the law."""
    z = comparison.cover_z(_from_16(tables))
    return {"median_z": largest(np.abs(z.to_numpy(dtype=float)))}


def c4_equal(tables: Tables) -> dict[str, Measured]:
    """Smallest share of seeds with equal widths; for the remark also that of the smallest circle and of the others."""
    shares = comparison.equal_share(_from_16(tables))
    others = {"larger_circles": smallest(shares.iloc[1:])} if len(shares) > 1 else {}
    return {"equal_share": smallest(shares), "smallest_circle": Measured(float(shares.iloc[0])), **others}


def c5(tables: Tables) -> dict[str, Measured]:
    """Chances of half the margin at three relative widths."""
    found = {c: rows(tables["transfer_probability"], event="half_margin", relative_width=c)["probability"] for c in (0.25, 1.0, 4.0)}
    return {
        "lowest_at_1": smallest(found[1.0]),
        "highest_at_1": largest(found[1.0]),
        "lowest_at_4": smallest(found[4.0]),
        "highest_at_quarter": largest(found[0.25]),
    }


def c6(tables: Tables) -> dict[str, Measured]:
    """Largest ratio of median hit steps from 8 n units on."""
    return {"largest_ratio": largest(np.concatenate([_ratios(tables, scale, 8) for scale in comparison.SCALES]))}


def c6_half(tables: Tables) -> dict[str, Measured]:
    """Largest ratio of median hit steps at either scale."""
    return {"scale_1": largest(_ratios(tables, 1.0, 16)), "scale_10": largest(_ratios(tables, 10.0, 8))}


def c7(tables: Tables) -> dict[str, Measured]:
    """Median hit step at scale 30 over that at scale 1."""
    found = rows(tables["circle_training_run"], **comparison.SWEEP)
    return {name: _over(found, "hit_step", name, 30.0, 1.0) for name in comparison.INITIALIZATIONS}


def c8(tables: Tables) -> dict[str, Measured]:
    """Median flip share at scale 10 over that at scale 1."""
    found = rows(tables["kernel_stability"], n_train=32, dim=32, width=1024)
    return {name: _over(found, "flip_share", name, 10.0, 1.0) for name in comparison.INITIALIZATIONS}


def c9(tables: Tables) -> dict[str, Measured]:
    """Largest loss in units of its bound, from width 64 on."""
    found = rows(tables["loss_curve"], initialization="coupled")
    return {"largest_excess": largest(comparison.excess(found[found["width"] >= 64])["excess"])}


def c11(tables: Tables) -> dict[str, Measured]:
    """Margin of the true labels over the largest of permuted ones."""
    ratios = comparison.margin_ratios(rows(tables["image_margin"], pair="zero_one", n_train=[64, 256]))
    if len(ratios) < 2:
        raise MissingRows("not both numbers of images")
    return {"margin_ratio": smallest(ratios)}


def c12(tables: Tables) -> dict[str, Measured]:
    """Median hit steps on images at scale 10."""
    found = rows(tables["image_training_run"], **comparison.JUDGED_PAIR, width=128, init_scale=10.0)
    return {name: _median(found, "hit_step", initialization=name) for name in comparison.INITIALIZATIONS}


def c13(tables: Tables) -> dict[str, Measured]:
    """Median hit steps of wide networks on eight points; for the remark also the smallest share of coupled ones that need one step."""
    wide = {"n_train": 8, "width": [64, 128, 256], "init_scale": comparison.SCALES, "stops_at_hit": True}
    found = rows(tables["circle_training_run"], **wide)
    steps = {name: comparison.medians(rows(found, initialization=name), "hit_step") for name in comparison.INITIALIZATIONS}
    if any(len(of_one) < 6 for of_one in steps.values()):
        raise MissingRows("not all of three widths and two scales")
    share = smallest(comparison.one_step_share(rows(found, initialization="coupled")))
    return {"coupled": largest(steps["coupled"]), "independent": smallest(steps["independent"]), "one_step_share": share}


def c14(tables: Tables) -> dict[str, Measured]:
    """The one-step law, coupled."""
    return {"pooled_z": _pooled_z(tables, "coupled")}


def n1(tables: Tables) -> dict[str, Measured]:
    """Margin, separability and training of odd labels."""
    margins, frozen, runs = (rows(tables[name], n_train=CONTROL_N) for name in ("circle_margin", "frozen_width", "circle_training_run"))
    if any(table["n_train"].nunique() < len(CONTROL_N) for table in (margins, frozen, runs)):
        raise MissingRows("not both controls")
    counts = {"separable": _count_finite(frozen["frozen_width"]), "hits": _count_finite(runs["hit_step"])}
    return {"margin": largest(margins["margin_l2"]), **counts}


def n2(tables: Tables) -> dict[str, Measured]:
    """Trained width in units of the theorem's."""
    width = comparison.trained_width(tables["circle_training_run"], n_train=16, initialization="coupled", init_scale=1.0)
    if np.isnan(width):
        raise MissingRows("not all doubling widths at n_train = 16")
    return {"trained_over_theory": Measured(width / float(theory.sufficient_width(16, one(tables["circle_margin"], "margin", n_train=16))))}


def n3(tables: Tables) -> dict[str, Measured]:
    """The one-step law, independent."""
    return {"pooled_z": _pooled_z(tables, "independent")}


def n4(tables: Tables) -> dict[str, Measured]:
    """Share of narrow networks that break the rate."""
    found = rows(tables["loss_curve"], n_train=32, initialization="coupled", width=8)
    runs = comparison.excess(found)
    return {"broken_share": Measured(float(comparison.broken(runs, ["width"]).iloc[0]), n=len(runs))}


def _count_finite(values: "pd.Series[float]") -> Measured:
    """Number of finite values; not a number if one of them is none, MissingRows without any."""
    n = largest(values).n
    return Measured(np.nan if values.isna().any() else float(np.isfinite(values).sum()), n=n)


def _some(frozen: pd.DataFrame) -> pd.DataFrame:
    """Rows on learnable circles; MissingRows without any."""
    if comparison.learnable(frozen).empty:
        raise MissingRows("no learnable circle")
    return frozen


def _from_16(tables: Tables) -> pd.DataFrame:
    frozen = tables["frozen_width"]
    return _some(frozen[frozen["n_train"] >= 16])


def _ratios(tables: Tables, scale: float, units_per_point: int) -> np.ndarray:
    """Ratios of median hit steps at a scale, of networks with so many units a point or more."""
    found = rows(comparison.hit_ratios(tables["circle_training_run"]), init_scale=scale, n_train=comparison.COMPARED_N)
    wide = found[found["width"] >= units_per_point * found["n_train"]]
    absent = sorted(set(comparison.COMPARED_N) - set(wide["n_train"]))
    if absent:
        raise MissingRows(f"no row of n_train {', '.join(map(str, absent))}")
    return wide["ratio"].to_numpy(dtype=float)


def _median(table: pd.DataFrame, column: str, **equal: object) -> Measured:
    found = rows(table, **equal)[column].to_numpy(dtype=float)
    return Measured(float(np.median(found)), n=len(found))


def _over(table: pd.DataFrame, column: str, initialization: str, scale: float, base: float) -> Measured:
    """Median at one scale over that at another; not a number if both are infinite."""
    high, low = (_median(table, column, initialization=initialization, init_scale=of) for of in (scale, base))
    with np.errstate(invalid="ignore", divide="ignore"):
        return Measured(float(np.divide(high.value, low.value)), n=high.n)


def _pooled_z(tables: Tables, initialization: str) -> Measured:
    """z of the one-step law over all settings of the judged scale."""
    settings = comparison.one_step_settings(tables["circle_training_run"], tables["transfer_probability"], initialization)
    found = rows(settings, init_scale=comparison.ONE_STEP_SCALE)
    wanted = len(comparison.ONE_STEP_N) * len(comparison.ONE_STEP_WIDTHS)
    if len(found) != wanted:
        raise MissingRows(f"{len(found)} settings in place of {wanted}")
    if found["chance"].isna().any():
        raise MissingRows("no transfer margin at half of some width")
    return Measured(comparison.pooled_z(found), n=int(found["n_seeds"].sum()))


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
