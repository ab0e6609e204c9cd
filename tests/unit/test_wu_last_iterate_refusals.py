"""Public functions of wu_last_iterate refuse what would otherwise become a result: misspelt words, sizes, what is no number."""

import numpy as np
import pytest

from scripts.wu_last_iterate import bounds, constant_stepsize, model
from scripts.wu_last_iterate.model import Schedule, adjoint, last_iterate_risk, risk_trajectory, stepsize_factors
from scripts.wu_last_iterate.runs import simulated_sgd
from scripts.wu_last_iterate.simulation import simulate

LAM = np.array([1.0, 0.5])
STEPS = np.full(4, 0.1)
RATE = np.array(0.1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: model.spectrum("powr", 4), "spectrum 'powr' is not one of power, power_log"),
        (lambda: model.spectrum("power", 0), "dim must be 1 or more, not 0"),
        (lambda: model.target("flt", 4), "target 'flt' is not one of flat, inverse, inverse_square"),
        (lambda: model.target("flat", 0), "dim must be 1 or more"),
        (lambda: model.phase_length(10, -1), "constant_steps: .* got -1 of 10"),
        (lambda: model.phase_length(10, 9), "at least 2 steps"),
        (lambda: model.phase_length(10, 0, 1.0), "log_base: 1.0 is not above 1"),
        (lambda: model.phase_length(10, 0, np.nan), "log_base"),
        (lambda: model.geometric_phases(1), "at least 2 steps"),
        (lambda: stepsize_factors(Schedule("geometrc"), 8), "schedule 'geometrc' is not one of geometric, polynomial, constant"),
        (lambda: stepsize_factors(Schedule("iterate_average"), 8), "schedule"),
        (lambda: stepsize_factors(Schedule("polynomial"), 8), "decay_exponent: None with polynomial"),
        (lambda: stepsize_factors(Schedule("polynomial", -1.0), 8), "decay_exponent: -1.0"),
        (lambda: stepsize_factors(Schedule("polynomial", np.nan), 8), "decay_exponent: nan"),
        (lambda: stepsize_factors(Schedule("constant", 0.5), 8), "decay_exponent: 0.5 with constant"),
        (lambda: stepsize_factors(Schedule("constant", None, 8), 8), "constant_steps: 8 is not from 0 to less than the 8 steps"),
        (lambda: risk_trajectory(STEPS * np.nan, LAM, LAM, 1.0, 3.0), "stepsizes must be finite, not nan"),
        (lambda: risk_trajectory(STEPS, LAM, LAM, np.nan, 3.0), "noise_variance"),
        (lambda: risk_trajectory(STEPS, LAM, LAM * np.nan, 1.0, 3.0), "squared_error"),
        (lambda: risk_trajectory(STEPS, LAM, LAM, 1.0, 0.5), "kurtosis must be 1 or more, not 0.5"),
        (lambda: adjoint(STEPS, LAM * np.nan), "eigenvalues"),
        (lambda: adjoint(STEPS, LAM, np.nan), "kurtosis"),
        (lambda: adjoint(STEPS, LAM, 3.0, 5), "n_averaged: 5.0 must be whole numbers from 1 to the 4 steps"),
        (lambda: adjoint(STEPS, LAM, 3.0, 0), "n_averaged"),
        (lambda: adjoint(STEPS, LAM, 3.0, 1.5), "n_averaged"),
        (lambda: last_iterate_risk(Schedule("geo"), 8, 0.1, eigenvalues=LAM, squared_error=LAM), "schedule"),
        (lambda: last_iterate_risk(Schedule("constant"), 8, np.nan, eigenvalues=LAM, squared_error=LAM), "stepsizes"),
        (lambda: bounds.geometric_dimension(LAM, RATE * np.nan, 4, 0), "learning_rate must be positive, not nan"),
        (lambda: bounds.geometric_dimension(LAM, RATE, 0, 0), "phase_length must be 1 or more"),
        (lambda: bounds.geometric_dimension(LAM, RATE, 4, -1), "constant_steps must be 0 or more, not -1"),
        (lambda: bounds.bias_terms(LAM, -RATE, LAM, 4, 0), "learning_rate must be positive, not -0.1"),
        (lambda: bounds.polynomial_dimension(LAM, RATE, STEPS * np.nan, 0), "factors"),
        (lambda: bounds.polynomial_dimension(LAM, RATE, STEPS, 4), "constant_steps: 4"),
        (lambda: bounds.largest_stepsize(1), "n_steps must be 2 or more, not 1"),
        (lambda: constant_stepsize.diagonalise(np.nan, LAM, 3.0), "learning_rate"),
        (lambda: constant_stepsize.diagonalise(0.1, LAM, 0.0), "kurtosis"),
        (lambda: constant_stepsize.advance(LAM * np.nan, 1.0, constant_stepsize.diagonalise(0.1, LAM, 3.0), 5), "moments"),
        (lambda: constant_stepsize.advance(LAM, 1.0, constant_stepsize.diagonalise(0.1, LAM, 3.0), -5), "n_steps must be 0 or more"),
        (lambda: constant_stepsize.critical_learning_rate(-LAM, 3.0), "eigenvalues"),
        (lambda: constant_stepsize.stationary_risk(np.nan, LAM, 1.0, 3.0), "stability limit"),
        (
            lambda: simulated_sgd.sample("gausian", LAM, 1.0, np.random.default_rng(0), 2),
            "law 'gausian' is not one of rademacher, gaussian",
        ),
        (lambda: simulate(lambda n: (np.ones((n, 2)), np.ones(n)), 0, STEPS, LAM, LAM, recorded=[1]), "n_runs must be 1 or more"),
        (
            lambda: simulate(lambda n: (np.ones((n, 2)), np.ones(n)), 1, STEPS, LAM, LAM, recorded=[5]),
            "recorded: steps must be from 1 to 4",
        ),
        (lambda: simulate(lambda n: (np.ones((n, 2)), np.ones(n)), 1, STEPS, LAM, LAM * np.nan, recorded=[1]), "error"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_by_their_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
