"""What the claims of biggs_bounds measure; statements and bounds stand in the paper's yaml."""

from collections.abc import Mapping, Sequence

import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, rows, smallest
from repro.job import job

NETWORK = ["dataset", "model", "width", "learning_rate", "momentum", "batch_size", "n_train", "labels", "seed"]
SETTING = ["dataset", "model", "width", "learning_rate"]
PUBLISHED = {"momentum": 0.9, "labels": "original", "n_train": 60000}
DATA = {"mnist": "mnist", "fashion": "fashion_mnist"}


def c1(tables: Tables) -> dict[str, Measured]:
    """Largest of the four mean bounds at width 50, learning rate 0.03."""
    found = [
        _mean(tables, "coupled_last_prior", model=model, dataset=dataset, width=50, learning_rate=0.03)
        for model in ("shel", "gelu")
        for dataset in DATA.values()
    ]
    return {"largest_bound": largest([measured.value for measured in found])}


def c2(tables: Tables) -> dict[str, Measured]:
    """Smallest distance of the random network's test error from its own bound B/2."""
    return {f"{kind}_slack": _slack(tables["bound"], kind) for kind in ("coupled", "full")}


def _slack(bound: pd.DataFrame, kind: str) -> Measured:
    kept = rows(bound, labels="original", kind=kind)
    return smallest(kept["bound"] / 2 - kept["stochastic_error_test"])


def c3(tables: Tables) -> dict[str, Measured]:
    """Largest ratio of the coupled to the full bound of the same network."""
    kept = rows(tables["bound"], labels="original", kind=["coupled", "full"])
    return {"largest_ratio": largest(_kinds(kept).eval("coupled / full"))}


def c4(tables: Tables) -> dict[str, Measured]:
    """Last-prior bounds at width 50, and of the erf network at width 200 and rate 0.03."""
    narrow = [(model, data, 50) for model, data in (("gelu", "fashion"), ("shel", "mnist"), ("shel", "fashion"))]
    wide = _last_prior_bounds(tables, [("shel", "mnist", 200), ("shel", "fashion", 200)], [0.03])
    return _last_prior_bounds(tables, narrow, [0.01, 0.03, 0.1]) | wide


def c4_paper(tables: Tables) -> dict[str, Measured]:
    """Mean last-prior bounds at widths 50 and 200."""
    settings = [(model, data, width) for width in (50, 200) for model in ("gelu", "shel") for data in DATA]
    return _last_prior_bounds(tables, settings, [0.01, 0.03, 0.1])


def _last_prior_bounds(tables: Tables, settings: Sequence[tuple], rates: Sequence[float]) -> dict[str, Measured]:
    """Part name → mean bound, for every (model, data, width) and learning rate."""
    return {
        f"{model}_{data}_{width}_lr{f'{rate:g}'[2:]}": _mean(
            tables, "coupled_last_prior", model=model, dataset=DATA[data], width=width, learning_rate=rate
        )
        for model, data, width in settings
        for rate in rates
    }


def c5(tables: Tables) -> dict[str, Measured]:
    """Smallest advantage of GELU over the erf network on Fashion-MNIST, from width 100, at rates up to 0.03."""
    return {"smallest_gap": _smallest_gap(tables, "learning_rate <= 0.03 * (1 + 1e-9)", dataset="fashion_mnist")}


c5_size = c5


def c5_mnist(tables: Tables) -> dict[str, Measured]:
    """Smallest advantage of GELU over the erf network on MNIST, from width 100, at rate 0.01."""
    return {"smallest_gap": _smallest_gap(tables, "learning_rate > 0", dataset="mnist", learning_rate=0.01)}


def _smallest_gap(tables: Tables, rates: str, **where: object) -> Measured:
    """Smallest mean bound(shel) − mean bound(gelu) over settings of width ≥ 100 that both networks have."""
    wide = rows(tables["bound"], kind="coupled", **PUBLISHED, **where).query(f"width >= 100 and {rates}")
    means = _both(wide, ["width", "learning_rate"], "model", "no setting of width 100 or more for both networks")
    return smallest(means["shel"] - means["gelu"])


def c6(tables: Tables) -> dict[str, Measured]:
    """Rise of the erf network's bound on MNIST from width 50 to 400."""
    return {"bound_gap": _width_gap(tables, "bound")}


def c6_size(tables: Tables) -> dict[str, Measured]:
    """Rise of the bound and of the stochastic error."""
    return {"bound_gap": _width_gap(tables, "bound"), "error_gap": _width_gap(tables, "stochastic_error")}


def _width_gap(tables: Tables, column: str) -> Measured:
    where = {"model": "shel", "dataset": "mnist", "learning_rate": 0.03}
    wide, narrow = (_mean(tables, "coupled", column, width=width, **where) for width in (400, 50))
    return _difference(wide, narrow)


def c7(tables: Tables) -> dict[str, Measured]:
    """Price of rate 0.1 against 0.01, GELU on MNIST at width 200."""
    where = {"model": "gelu", "dataset": "mnist", "width": 200}
    fast, slow = (_mean(tables, "coupled", learning_rate=rate, **where) for rate in (0.1, 0.01))
    return {"gap": _difference(fast, slow)}


c7_size = c7


def c8(tables: Tables) -> dict[str, Measured]:
    """Test errors at width 50, learning rate 0.03."""
    settings = dict.fromkeys(("shel_mnist", "shel_fashion", "gelu_fashion"), (50, 0.03))
    return _test_errors(tables, settings)


def c8_paper(tables: Tables) -> dict[str, Measured]:
    """Test errors at the four settings of the published best bounds."""
    settings = {"gelu_mnist": (100, 0.003), "gelu_fashion": (100, 0.001)}
    return _test_errors(tables, {**settings, "shel_mnist": (50, 0.03), "shel_fashion": (50, 0.03)})


def _test_errors(tables: Tables, settings: Mapping[str, tuple[int, float]]) -> dict[str, Measured]:
    """Part name → mean test error, for settings model_data → (width, learning rate)."""
    result = {}
    for name, (width, rate) in settings.items():
        model, data = name.split("_")
        where = {"model": model, "dataset": DATA[data], "width": width, "learning_rate": rate}
        result[name] = _summary(rows(tables["network"], **PUBLISHED, **where)["test_error"])
    return result


def c9(tables: Tables) -> dict[str, Measured]:
    """Smallest frequency of the random network's errors at a point that the deterministic one gets wrong."""
    return {"smallest_frequency": smallest(rows(tables["network"], labels="original")["wrong_frequency_min"])}


def c9_share(tables: Tables) -> dict[str, Measured]:
    """Smallest share of such points with a frequency of one half within noise."""
    return {"smallest_share": smallest(rows(tables["network"], labels="original")["wrong_share"])}


def c10(tables: Tables) -> dict[str, Measured]:
    """Smallest gain of 60 000 over 15 000 examples, erf network on MNIST."""
    where = {"model": "shel", "dataset": "mnist", "kind": "coupled", "momentum": 0.9, "labels": "original"}
    kept = rows(tables["bound"], n_train=[15000, 60000], **where)
    means = _both(kept, ["width", "learning_rate"], "n_train", "no setting at both n_train = 15000 and 60000")
    return {"gap": smallest(means[15000] - means[60000])}


c10_size = c10


def c11(tables: Tables) -> dict[str, Measured]:
    """Smallest last-prior bounds of momentum SGD."""
    return _best_bounds(tables, momentum=0.9)


def c12(tables: Tables) -> dict[str, Measured]:
    """Smallest last-prior bounds of plain SGD."""
    return _best_bounds(tables, momentum=0.0)


def _best_bounds(tables: Tables, momentum: float) -> dict[str, Measured]:
    where = {"kind": "coupled_last_prior", "momentum": momentum, "n_train": 60000, "labels": "original"}
    result = {}
    for model in ("gelu", "shel"):
        for data, dataset in DATA.items():
            result[f"{model}_{data}"] = smallest(rows(tables["bound"], model=model, dataset=dataset, **where)["bound"])
    return result


def n1(tables: Tables) -> dict[str, Measured]:
    """Smallest bounds of networks trained on random labels."""
    return {kind: smallest(rows(tables["bound"], labels="random", kind=kind)["bound"]) for kind in ("coupled", "full")}


def n2(tables: Tables) -> dict[str, Measured]:
    """Smallest bound on CIFAR-10."""
    return {"smallest_bound": smallest(rows(tables["cifar_bound"], kind=["full", "coupled"], width=50, learning_rate=0.1)["bound"])}


def n3(tables: Tables) -> dict[str, Measured]:
    """What prior mean 0 costs against the initialisation, erf network on MNIST."""
    result = {}
    for width in (50, 200):
        where = {"model": "shel", "dataset": "mnist", "width": width, "learning_rate": 0.03}
        kept = rows(tables["bound"], kind=["full_zero_prior", "full"], **PUBLISHED, **where)
        result[f"width_{width}"] = _summary(_kinds(kept).eval("full_zero_prior - full"))
    return result


def _kinds(bound: pd.DataFrame) -> pd.DataFrame:
    """Bounds with one row a network and one column a kind; networks that lack a kind are left out."""
    return _both(bound, NETWORK, "kind", "no network with both kinds of bound")


def _both(bound: pd.DataFrame, index: list[str], columns: str, missing: str) -> pd.DataFrame:
    """Mean bounds, one column a value of `columns`; only rows that have two of them, in which what is not a number stays so."""
    counts = bound.pivot_table(index=index, columns=columns, values="bound", aggfunc="size").dropna()
    if counts.empty or len(counts.columns) < 2:
        raise MissingRows(missing)
    means = bound.pivot_table(index=index, columns=columns, values="bound", aggfunc=lambda values: values.mean(skipna=False))
    return means.reindex(index=counts.index, columns=counts.columns)


def _mean(tables: Tables, kind: str, column: str = "bound", **where: object) -> Measured:
    """Mean over seeds of one kind of bound at a published setting."""
    return _summary(rows(tables["bound"], kind=kind, **PUBLISHED, **where)[column])


def _summary(values: pd.Series) -> Measured:
    """Mean with its standard error, if there is more than one value."""
    return Measured(values.mean(skipna=False), std_error=values.sem() if len(values) > 1 else None, n=len(values))


def _difference(a: Measured, b: Measured) -> Measured:
    """Difference of two means over independent networks."""
    known = a.std_error is not None and b.std_error is not None
    std_error = (a.std_error**2 + b.std_error**2) ** 0.5 if known else None
    return Measured(a.value - b.value, std_error=std_error, n=min(a.n, b.n))


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
