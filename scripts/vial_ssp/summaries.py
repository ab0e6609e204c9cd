"""Means over seeds, slopes, and ratios to the law of optimism: what claims judge and figures draw [vial_ssp, E2, E11, E12]."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from repro.frames import select
from repro.stats import log_slope

GAPS = [0.02, 0.04, 0.08, 0.16, 0.3]  # judged, also where a run has more
GAP = 0.04  # of the figure of a single gap
FIRST, DECADE, LAST = 100, 2000, 20000  # episodes between which slopes are taken; the law is read at the last
SLACK = 0.05  # by which a value may exceed the optimal one before optimism counts as lost
SMALLEST_SHARE = 0.1  # of the episodes of a fixed instance, from which on its slope is taken
SCALE, LARGE_SCALE = 0.2, 0.5  # of the bonus that all other runs use, and of the larger one that is compared with it
JUDGED_SIMPLEX = ["simplex0", "simplex1"]


def over_seeds(table: pd.DataFrame, keys: list[str], column: str = "regret") -> pd.DataFrame:
    """Mean, standard error and number of seeds by `keys`; not a number where a seed is not."""
    if table.empty:
        return pd.DataFrame(columns=[*keys, "mean", "std_error", "n_seeds"], dtype=float)
    grid = table.set_index([*keys, "seed"])[column].unstack("seed")  # noqa: PD010 - pivot_table would skip what is no number
    values = grid.to_numpy(dtype=float, na_value=np.nan)
    n_seeds = values.shape[1]
    std = values.std(axis=1, ddof=1) if n_seeds > 1 else np.full(len(values), np.nan)
    found = pd.DataFrame({"mean": values.mean(axis=1), "std_error": std / np.sqrt(n_seeds), "n_seeds": n_seeds}, index=grid.index)
    return found.reset_index()


def worst_case_slope(worst: pd.DataFrame, algorithm: str, first: int) -> tuple[float, int]:
    """Slope of the worst-case regret of an algorithm from an episode to the last judged one, and the number of points."""
    found = between(select(worst, algorithm=algorithm), first)
    return log_slope(found["episode"], found["regret"])[0], len(found)


def between(table: pd.DataFrame, first: int) -> pd.DataFrame:
    """Rows of the episodes from `first` to the last judged one."""
    return table[table["episode"].between(first, LAST)]


def uniform_slopes(regret: pd.DataFrame, gaps: Iterable[float]) -> "pd.Series[float]":
    """Slope of the mean regret of uniform play by gap, of the gaps that the table has."""
    runs = between(select(regret, method="simulation", algorithm="uniform", gap=list(gaps)), FIRST)
    means = over_seeds(runs, ["gap", "episode"])
    found = {gap: log_slope(rows["episode"], rows["mean"])[0] for gap, rows in means.groupby("gap")}
    return pd.Series(found, dtype=float)


def law_episode(regret: pd.DataFrame) -> int:
    """Episode at which the law of optimism is read; the last one if the table has no law."""
    law = select(regret, method="theory", algorithm="optimistic")
    return int((law if len(law) else regret)["episode"].max())


def over_theory(regret: pd.DataFrame, algorithm: str, theory_of: str, episode: int = LAST) -> pd.DataFrame:
    """Mean regret of an algorithm at an episode over what the theory says of `theory_of` there.

    Returns
    -------
    DataFrame with gap, ratio, std_error, one row a gap that has both.
    """
    at = select(regret, episode=episode)
    theory = select(at, method="theory", algorithm=theory_of).set_index("gap")["regret"]
    means = over_seeds(select(at, method="simulation", algorithm=algorithm), ["gap"])
    below = means["gap"].map(theory).astype(float)
    found = pd.DataFrame({"gap": means["gap"], "ratio": means["mean"] / below, "std_error": means["std_error"] / below})
    return found[below.notna()]


def ratio_of_means(above: pd.DataFrame, below: pd.DataFrame) -> tuple[float, float]:
    """Mean regret of independent lanes over that of others, and its standard error to first order; not numbers without lanes."""
    if above.empty or below.empty:
        return np.nan, np.nan
    sizes = [table["regret"].to_numpy(dtype=float, na_value=np.nan) for table in (above, below)]
    means = [values.mean() for values in sizes]
    relative = [values.std(ddof=1) / np.sqrt(len(values)) / values.mean() if len(values) > 1 else np.nan for values in sizes]
    ratio = means[0] / means[1] if means[1] else np.nan
    return float(ratio), float(ratio * np.hypot(*relative))


def largest_violations(updates: pd.DataFrame) -> pd.DataFrame:
    """Largest violation of optimism of every lane over its updates, one row an instance, algorithm and seed; NaN where one is."""
    lanes = updates.groupby(["instance", "algorithm", "seed"], sort=False)["optimism_violation"]
    return lanes.agg(lambda values: values.max(skipna=False)).reset_index()


def share_lost(violations: "pd.Series[float]") -> tuple[float, float]:
    """Share of lanes that lose optimism by more than the slack, and its standard error; not a number if one lane is not."""
    values = violations.to_numpy(dtype=float, na_value=np.nan)
    share = float(np.mean(values > SLACK)) if values.size and np.isfinite(values).all() else np.nan
    return share, float(np.sqrt(share * (1 - share) / max(values.size, 1)))


def values_in_force(updates: pd.DataFrame, last: int, n_points: int = 24) -> pd.DataFrame:
    """Value of the start over the optimal one at steps equally spaced in the logarithm: mean, smallest and largest over the seeds.

    Parameters
    ----------
    updates : of one instance and algorithm; a value is in force from its update to the next one, and is 0 before the first.
    """
    steps = np.unique(np.round(np.geomspace(1, last, n_points)).astype(int))
    values = [_in_force(lane, steps) for _, lane in updates.groupby("seed")]
    found = np.array(values).reshape(-1, len(steps)) if values else np.full((1, len(steps)), np.nan)
    return pd.DataFrame({"step": steps, "mean": found.mean(axis=0), "low": found.min(axis=0), "high": found.max(axis=0)})


def _in_force(lane: pd.DataFrame, steps: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Value of one lane at some steps, over the optimal one."""
    ordered = lane.sort_values("step")
    values = np.append(0.0, (ordered["start_value"] / ordered["optimal_start_value"]).to_numpy(dtype=float))
    return values[np.searchsorted(ordered["step"].to_numpy(), steps, side="right")]


def fixed_instance_slope(regret: pd.DataFrame, instance: str) -> tuple[float, int]:
    """Slope of the mean regret of optimistic play on an instance over the last decade of episodes, and the number of points."""
    means = over_seeds(select(regret, instance=instance, algorithm="optimistic"), ["episode"])
    late = means[means["episode"] >= SMALLEST_SHARE * means["episode"].max()]
    return log_slope(late["episode"], late["mean"])[0], len(late)


def simplex_instances(table: pd.DataFrame) -> list[str]:
    """Names of the simplex instances in a table, in its order."""
    return [name for name in table["instance"].unique() if name.startswith("simplex")]


def dimension_slope(regret: pd.DataFrame) -> tuple[float, int]:
    """Slope of the mean regret against the number of bad arms, and the number of dimensions."""
    means = over_seeds(select(regret, method="simulation"), ["dim"])
    return log_slope(means["dim"] - 1, means["mean"])[0], len(means)
