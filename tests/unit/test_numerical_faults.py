"""Divergence, singular matrices and values that are no numbers: refused by name, never written as a result."""

import numpy as np
import pandas as pd
import pytest

from repro.claims import Measured, judge
from repro.job import Job
from repro.settings import load_params
from scripts.lee_maslow.inputs import whitening
from scripts.tomasini_krr.model import coefficients
from scripts.vial_ssp.model import estimate
from scripts.wu_last_iterate.runs import simulated_sgd
from tests.unit.test_job import Named, snakemake


def outputs(tmp_path, paper, *names):
    """A job of a paper at preset smoke that makes some tables."""
    folder = tmp_path / "results" / "smoke" / paper
    return {"output": Named({name: str(folder / f"{name}.parquet") for name in names}), "rule": f"{paper}_run"}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the log's, in a job
def test_a_step_size_that_diverges_names_table_column_row_and_parameters(tmp_path):
    p = load_params("wu_last_iterate", "simulated_sgd", "smoke") | {"relative_stepsize": 1e6}
    told = outputs(tmp_path, "wu_last_iterate", "risk_trajectories", "kurtosis_test")
    this = Job(snakemake(tmp_path, params=Named(p=p, code="abc"), **told))
    with pytest.raises(ValueError, match="risk_trajectories: column") as caught:
        this.write(simulated_sgd.compute(p))
    message = str(caught.value)
    assert "null or NaN in row " in message
    assert "(schedule " in message
    assert '"relative_stepsize": 1000000.0' in message
    assert len(message.splitlines()) == 1
    assert not list(tmp_path.rglob("*.parquet"))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("column", ["risk", "n_runs", "schedule"])
def test_a_single_value_that_is_no_number_keeps_a_table_from_being_written(tmp_path, bad, column):
    p = load_params("wu_last_iterate", "simulated_sgd", "smoke")
    frames = simulated_sgd.compute(p | {"n_train": 16, "n_runs": 3, "kurtosis_n_runs": 3, "kurtosis_n_train": 8})
    frame = frames["risk_trajectories"].astype({column: object})
    frame.loc[7, column] = bad
    this = Job(snakemake(tmp_path, params=Named(p=p, code="abc"), **outputs(tmp_path, "wu_last_iterate", *frames)))
    with pytest.raises(ValueError, match=f"risk_trajectories: column {column}"):
        this.write(frames | {"risk_trajectories": frame})
    assert not list(tmp_path.rglob("risk_trajectories.parquet"))


@pytest.mark.parametrize("kind", ["own_basis", "zca"])
def test_pixels_that_never_vary_are_whitened_to_finite_numbers(kind):
    images = np.random.default_rng(0).random((20, 9)).astype(np.float32)
    images[:, :3] = 0.5
    found = whitening(images, kind)
    assert np.isfinite(images @ found).all()


def test_a_singular_kernel_is_an_error_and_never_a_prediction():
    kernel = np.array([[1.0, 2.0], [2.0, 1.0]])  # no kernel: one eigenvalue is negative
    with pytest.raises(np.linalg.LinAlgError):
        coefficients(kernel, np.ones(2), ridge=0.0)


def test_a_regression_without_observations_is_regular_by_its_ridge_and_refused_without():
    features, cost, counts = np.zeros((1, 2, 1, 3)), np.zeros((1, 2, 1)), np.zeros((1, 2, 1, 3))
    assert np.isfinite(estimate(features, cost, counts).width).all()
    with pytest.raises(ValueError, match="ridge must be positive"):
        estimate(features, cost, counts, ridge=0.0)


def test_a_claim_on_a_diverged_value_is_not_judged_and_stops_nothing():
    part = {"part": "a", "label": "a", "measures": "a", "tables": ["t"], "compare": "value", "lower": None, "upper": 1.0, "published": None}
    claim = {"claim": "C1", "statement": "s", "measured_in": "numerics", "source": "E1", "figures": [], "role": "claim", "basis": "derived"}
    claim |= {"presets": ["quick"], "parts": [part]}
    for value, verdict in ((np.nan, "not_judged"), (np.inf, "not_reproduced"), (-np.inf, "not_reproduced"), (0.5, "reproduced")):
        table = pd.DataFrame({"x": [value]})
        found = judge("p", {"c1": lambda tables: {"a": Measured(tables["t"]["x"].iloc[0])}}, [claim], {"t": table}, base_preset="quick")
        assert found["verdict"].tolist() == [verdict]
