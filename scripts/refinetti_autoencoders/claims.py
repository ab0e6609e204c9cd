"""What the claims measure in the tables [refinetti_autoencoders]; bounds and wording stand in the paper's yaml."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, one, rows, smallest
from repro.job import job
from scripts.refinetti_autoencoders.curves import distances, paired, scaling_slope, wide


def ra0(tables: Tables) -> dict[str, Measured]:
    """Eigenvalues beyond the edge of the bulk."""
    spectrum = tables["sample_spectrum"]
    beyond = _known(spectrum["eigenvalue"] > 1.05 * spectrum["bulk_edge"], spectrum[["eigenvalue", "bulk_edge"]])
    return {"n_outliers": Measured(float(np.sum(beyond)), n=len(spectrum))}


def ra1(tables: Tables) -> dict[str, Measured]:
    """Distance of SGD from the ODE, largest over seeds."""
    return {activation: largest(_rms_by_seed(rows(tables["learning_curves"], activation=activation))) for activation in ("erf", "linear")}


def ra2(tables: Tables) -> dict[str, Measured]:
    """Slope of the distance in the dimension, against −1/2 and against 0."""
    n = len(tables["finite_size_deviation"])
    slope, std_error = scaling_slope(tables["finite_size_deviation"])
    return {
        "slope_z": Measured((slope + 0.5) / std_error, n=n),
        "decrease": Measured(slope + 2 * std_error, std_error=std_error, n=n),
    }


def ra2b(tables: Tables) -> dict[str, Measured]:
    """Slope and size of the distance."""
    deviation = tables["finite_size_deviation"]
    slope, std_error = scaling_slope(deviation)
    mean = _by(deviation.set_index("dim")["rms_log"], "dim", np.mean)
    scaled = mean * np.sqrt(mean.index.to_numpy(dtype=float))
    return {
        "slope": Measured(slope, predicted=-0.5, std_error=std_error, n=len(deviation)),
        "smallest_scaled": smallest(scaled),
        "largest_scaled": largest(scaled),
    }


def ra3(tables: Tables) -> dict[str, Measured]:
    """Share of seeds that learn the components in order."""
    found = rows(tables["learning_times"], activation="erf")
    times = wide(found, ["seed"], "component", "learning_time").to_numpy()
    ordered = np.all(np.isfinite(times), axis=1) & np.all(times[:, 1:] > times[:, :-1], axis=1)
    return {"ordered_share": Measured(float(np.mean(_known(ordered, times))), n=len(ordered))}


def ra4(tables: Tables) -> dict[str, Measured]:
    """Late excess error against theory, smallest and largest over seeds."""
    parts = {}
    for activation in ("erf", "linear"):
        found = rows(tables["late_excess"], activation=activation)
        ratio = (found["excess_error"] / found["predicted_excess"]).to_numpy()
        for name, place in (("smallest", ratio.argmin()), ("largest", ratio.argmax())):
            parts[f"{activation}_{name}"] = _against(found, int(place), "excess_error", "predicted_excess")
    return parts


def ra5(tables: Tables) -> dict[str, Measured]:
    """Powers of the long-time law between times 1e4 and 1e6."""
    powers = {"excess": ("excess_error", -2 / 3), "encoder": ("encoder_norm", -1 / 6), "decoder": ("decoder_norm", 1 / 6)}

    def slope(column: str) -> float:
        early, late = (one(tables["long_times"], column, problem="one_mode", time=time) for time in (1e4, 1e6))
        return float(np.log(late / early) / np.log(100))

    return {part: Measured(slope(column), predicted=power) for part, (column, power) in powers.items()}


def ra6(tables: Tables) -> dict[str, Measured]:
    """Constant of the long-time law."""
    at_end = {"problem": "one_mode", "time": 1e6}
    excess, law = (one(tables["long_times"], column, **at_end) for column in ("excess_error", "predicted_excess"))
    return {"ratio_at_end": Measured(excess, predicted=law)}


def ra7(tables: Tables) -> dict[str, Measured]:
    """Where the tied erf autoencoder stops, and that it has stopped."""
    early, late = (_tied_theory(tables, "erf", time) for time in (1e3, 1e4))
    return {
        "distance": smallest(late["error"] / late["pca_error"]),
        "drift": largest((late["error"] / early["error"] - 1).abs()),
    }


def ra8(tables: Tables) -> dict[str, Measured]:
    """Error of the tied linear autoencoder against PCA."""
    found = _tied_theory(tables, "linear", 1e3)
    return {"ratio": largest(found["error"] / found["pca_error"])}


def ra9(tables: Tables) -> dict[str, Measured]:
    """Plateaus without bias; of several seeds the one farthest from theory. Also what the remark says of more seeds and of later."""

    def farthest(width: int) -> Measured:
        found = rows(tables["relu_plateaus"], bias_mode="none", width=width)
        distance = (found["error"] / found["predicted_error"] - 1).abs().to_numpy()
        return _against(found, int(distance.argmax()), "error", "predicted_error")

    judged = {f"width_{width}": farthest(width) for width in (1, 2, 4, 6)}
    return judged | _of_more_seeds(tables["last_plateaus"])


def _of_more_seeds(plateaus: pd.DataFrame) -> dict[str, Measured]:
    """Error of the first, the median and the farthest start in units of the level of theory, at the earlier and the later time."""
    parts = {}
    for name, time in (("early", plateaus["time"].min()), ("late", plateaus["time"].max())):
        found = rows(plateaus, time=float(time)).sort_values("seed")
        ratio = (found["error"] / found["predicted_error"]).to_numpy()
        about = {"first": ratio[0], "median": np.median(ratio), "farthest": ratio[np.abs(ratio - 1).argmax()]}
        parts |= {f"{name}_{which}": Measured(float(value), n=len(ratio)) for which, value in about.items()}
        parts[f"{name}_time"] = Measured(float(time))
    return parts


def ra10(tables: Tables) -> dict[str, Measured]:
    """Share of plateaus with trained bias at K − 1 components."""
    found = rows(tables["relu_plateaus"], bias_mode="trained", width=[2, 3, 4, 5])
    learnt = _known(found["n_components"] == found["width"] - 1, found[["n_components", "error"]])
    return {"share": Measured(float(np.mean(learnt)), n=len(found))}


def ra10b(tables: Tables) -> dict[str, Measured]:
    """What the bias gains at width 4."""
    trained = rows(tables["relu_plateaus"], bias_mode="trained", width=4).set_index("seed")
    none = rows(tables["relu_plateaus"], bias_mode="none", width=4).set_index("seed")
    farthest = (trained["error"] / trained["predicted_error"]).to_numpy().argmax()
    return {
        "to_plateau": _against(trained, int(farthest), "error", "predicted_error"),
        "to_no_bias": largest(trained["error"] / none["error"]),
        "mean_bias": smallest(trained["mean_bias"]),
    }


def ra11(tables: Tables) -> dict[str, Measured]:
    """Distance of SGD from the ODE with ReLU, medians over seeds."""
    pairs = _pairs(rows(tables["learning_curves"], activation="relu"))
    distance = _rms_by_seed(rows(tables["learning_curves"], activation="relu")).to_numpy()
    last = pairs.xs(pairs.index.get_level_values("time").max(), level="time")
    end = (last["simulation"] / last["theory"] - 1).abs().to_numpy()
    return {
        "median_rms": Measured(float(np.median(distance)), n=len(distance)),
        "median_end": Measured(float(np.median(end)), n=len(end)),
    }


def ra12(tables: Tables) -> dict[str, Measured]:
    """Share of units of the truncated rule that align best with their own component."""
    aligned = _alignment(tables, "truncated")
    own = aligned.columns.get_indexer(aligned.index.get_level_values("unit"))
    best = aligned.to_numpy().argmax(axis=1)
    return {"share": Measured(float(np.mean(_known(best == own, aligned))), n=len(own))}


def ra12b(tables: Tables) -> dict[str, Measured]:
    """Smallest alignment of a unit of the truncated rule with its own component."""
    found = rows(tables["decoder_alignment"], rule="truncated", inputs="spiked", method="simulation")
    return {"smallest": smallest(found.loc[found["unit"] == found["component"], "alignment"])}


def ra13(tables: Tables) -> dict[str, Measured]:
    """Mixing of components by the vanilla rule, and the subspace it finds."""
    aligned = _alignment(tables, "vanilla")
    best = _by(pd.Series(aligned.to_numpy().max(axis=1), aligned.index), "seed", np.min)
    found = rows(tables["decoder_alignment"], rule="vanilla", inputs="spiked", method="simulation", component=1)
    return {"mixture": largest(best), "subspace": smallest(found["subspace_overlap"])}


def ra14(tables: Tables) -> dict[str, Measured]:
    """Distance of truncated SGD from its ODE, and its error against that of the vanilla rule."""
    curves = rows(tables["truncated_curves"], inputs="spiked")
    theory = rows(curves, method="theory").set_index(["rule", "seed", "time"])["error"]
    ratio = theory["truncated"] / theory["vanilla"]
    times = ratio.index.get_level_values("time")
    # The times of the simulation: the theory has more, for its line.
    judged = (times >= 10) & (times <= 400) & times.isin(rows(curves, method="simulation")["time"])
    slower = _by(np.log(ratio[judged]), "seed", np.mean).to_numpy()
    std_error = float(np.std(slower, ddof=1) / np.sqrt(len(slower)))
    end = ratio[np.isclose(times, 1000, rtol=1e-9)]
    if end.empty:
        raise MissingRows("no row with method = theory, time = 1000")
    return {
        "rms": largest(_rms_by_seed(rows(curves, rule="truncated"))),
        "slower": Measured(float(np.mean(slower)) - 2 * std_error, std_error=std_error, n=len(slower)),
        "end_smallest": smallest(end),
        "end_largest": largest(end),
    }


def ra15(tables: Tables) -> dict[str, Measured]:
    """Distance of SGD on images and on Gaussian inputs from the ODE."""
    parts = {}
    for name, dataset in (("cifar10", "cifar10"), ("fashion", "fashion_mnist")):
        found = rows(tables["image_curves"], dataset=dataset, rule="vanilla", width=4)
        theory = rows(found, method="theory")
        apart = {}
        for inputs in ("images", "gaussian"):
            pairs = _pairs(pd.concat([rows(found, inputs=inputs), theory]))
            apart[inputs] = (pairs["simulation"] / pairs["theory"] - 1).abs().to_numpy()
        parts[f"{name}_mean"] = replace(largest([distance.mean() for distance in apart.values()]), n=len(apart["images"]))
        parts[f"{name}_max"] = largest(np.concatenate(list(apart.values())))
    return parts


def ra16(tables: Tables) -> dict[str, Measured]:
    """Error on CIFAR-10 against PCA at time 150."""
    images = {"dataset": "cifar10", "inputs": "images", "rule": "vanilla", "width": 4, "time": 150.0}
    found = rows(tables["image_curves"], **images)
    return {"ratio": largest(found["error"] / found["pca_error"])}


def ra18(tables: Tables) -> dict[str, Measured]:
    """Distance of tied SGD from its ODE, largest over seeds."""
    tied = rows(tables["tied_weights"], tying="tied", decoder_scale=1.0)
    return {name: largest(_rms_by_seed(rows(tied, activation=name))) for name in ("erf", "linear")}


def _known(verdicts: np.ndarray | pd.Series, behind: np.ndarray | pd.DataFrame) -> np.ndarray:
    """Yes and no as 1 and 0; all of them not a number if a value behind them is."""
    return np.where(np.isnan(np.asarray(behind, dtype=float)).any(), np.nan, np.asarray(verdicts, dtype=float))


def _against(found: pd.DataFrame, place: int, measured: str, predicted: str) -> Measured:
    """Measured and predicted value of the row at one place; n counts the rows it was chosen from."""
    row = found.iloc[place]
    return Measured(float(row[measured]), predicted=float(row[predicted]), n=len(found))


def _by(values: pd.Series, level: str, function: Callable[[np.ndarray], float]) -> pd.Series:
    """A function of the values of every group; not a number where one of them is none, which pandas' own would skip."""
    return values.groupby(level).agg(lambda of_group: function(of_group.to_numpy()))


def _pairs(curves: pd.DataFrame) -> pd.DataFrame:
    """Errors of simulation and theory at the times > 0 that both have, by (seed, time)."""
    errors = paired(curves)
    if errors.empty:
        raise MissingRows("no time > 0 that simulation and theory have in common")
    return errors


def _rms_by_seed(curves: pd.DataFrame) -> pd.Series:
    """rms_log of every seed that has both simulation and theory."""
    return distances(_pairs(curves))


def _tied_theory(tables: Tables, activation: str, time: float) -> pd.DataFrame:
    equal = {"tying": "tied", "activation": activation, "decoder_scale": 1.0, "method": "theory", "time": time}
    return rows(tables["tied_weights"], **equal).set_index("seed")


def _alignment(tables: Tables, rule: str) -> pd.DataFrame:
    """Alignment of every (seed, unit) with every component, spiked inputs, simulation."""
    found = rows(tables["decoder_alignment"], rule=rule, inputs="spiked", method="simulation")
    return wide(found, ["seed", "unit"], "component", "alignment")


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
