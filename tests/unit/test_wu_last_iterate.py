"""Schedules and exact second-moment recursions of wu_last_iterate against independent algorithms and known values."""

import numpy as np
import pytest

from scripts.wu_last_iterate import constant_stepsize, model
from scripts.wu_last_iterate.model import Schedule, adjoint, excess_risk, phase_length, risk_trajectory, spectrum, stepsize_factors, target

DIM, N_TRAIN = 256, 1024
POWER = spectrum("power", DIM)
FLAT = target("flat", DIM)
RATE = 0.3 / POWER.sum()

SCHEDULES = [
    Schedule("constant"),
    Schedule("geometric"),
    Schedule("geometric", constant_steps=N_TRAIN // 2),
    Schedule("polynomial", 0.5),
    Schedule("polynomial", 1.0),
    Schedule("polynomial", 0.5, N_TRAIN // 2),
]
RISKS = [0.1263065443, 0.0482159635, 0.0393005681, 0.0942815153, 0.2778615983, 0.0429413994]


def stepsizes(schedule, n_steps=N_TRAIN, rate=RATE):
    return rate * stepsize_factors(schedule, n_steps, np.e)


def test_spectra_have_the_known_traces():
    assert POWER.sum() == pytest.approx(1.641035, abs=5e-7)
    assert spectrum("power_log", DIM).sum() == pytest.approx(3.207493, abs=5e-7)


@pytest.mark.parametrize(("n_steps", "constant_steps", "length"), [(1024, 512, 83), (1024, 0, 148)])
def test_phase_length_is_samples_over_their_natural_logarithm(n_steps, constant_steps, length):
    assert phase_length(n_steps, constant_steps, np.e) == length


def test_base_of_the_logarithm_changes_the_phase_length():
    assert phase_length(1024, 0, 2.0) == 103


def test_phases_are_those_read_off_the_published_plot_of_the_schedule():
    """At 4096 samples: 342 steps and 12 levels from the start, 187 steps and 11 levels after half of the steps."""
    assert [phase_length(4096), phase_length(4096, 2048)] == [342, 187]
    assert [len(model.geometric_phases(4096)), len(model.geometric_phases(4096, 2048))] == [12, 11]


def test_rounding_errors_do_not_lengthen_a_phase_that_is_whole():
    for power in (2, 4, 8, 16):
        assert phase_length(2**power) == 2**power // power


def test_one_call_gives_bias_and_variance_of_the_recursion():
    schedule, g = Schedule("geometric", None, 512), np.array([0.1, 0.3])
    found = model.last_iterate_risk(schedule, N_TRAIN, g, eigenvalues=POWER, squared_error=FLAT**2, noise_variance=2.0)
    steps = stepsize_factors(schedule, N_TRAIN) * g[:, None] / POWER.sum()
    np.testing.assert_allclose(found.risk, risk_trajectory(steps, POWER, FLAT**2, 2.0, 3.0)[:, -1], rtol=1e-12)
    np.testing.assert_allclose(found.bias, risk_trajectory(steps, POWER, FLAT**2, 0.0, 3.0)[:, -1], rtol=1e-12)


@pytest.mark.parametrize("constant_steps", [0, 100, 512])
def test_geometric_decay_halves_every_phase_after_the_first(constant_steps):
    length = phase_length(N_TRAIN, constant_steps, np.e)
    factors = stepsize_factors(Schedule("geometric", None, constant_steps), N_TRAIN, np.e)
    t = np.arange(1, N_TRAIN + 1)
    halvings = np.maximum((t - constant_steps - 1) // length, 0)
    np.testing.assert_array_equal(factors, 0.5**halvings)
    assert np.count_nonzero(factors == 1) == constant_steps + length


def test_geometric_phases_cover_every_step_once():
    for n_steps in range(2, 60):
        for constant_steps in range(n_steps - 1):
            assert model.geometric_phases(n_steps, constant_steps, np.e).sum() == n_steps


def test_polynomial_decay_is_a_power_of_the_steps_after_the_constant_ones():
    factors = stepsize_factors(Schedule("polynomial", 0.75, 3), 7, np.e)
    np.testing.assert_allclose(factors, [1, 1, 1, 1, 2**-0.75, 3**-0.75, 4**-0.75])


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_recursion_agrees_with_that_of_the_full_covariance_matrix(schedule):
    """E[e eᵀ] ← M − γ(HM + MH) + γ²(2HMH + tr(HM)H + σ²H) for Gaussian features, off-diagonal moments included."""
    eigenvalues, error, noise_variance = np.array([1.0, 0.4, 0.1]), np.array([1.0, -2.0, 3.0]), 0.7
    steps = 0.2 * stepsize_factors(schedule._replace(constant_steps=min(schedule.constant_steps, 8)), 16, np.e)
    h, m, risks = np.diag(eigenvalues), np.outer(error, error), []
    for step in steps:
        fourth = 2 * h @ m @ h + np.trace(h @ m) * h
        m = m - step * (h @ m + m @ h) + step**2 * (fourth + noise_variance * h)
        risks.append(0.5 * np.trace(h @ m))
    np.testing.assert_allclose(risk_trajectory(steps, eigenvalues, error**2, noise_variance, 3.0), risks, rtol=1e-12)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_adjoint_gives_the_bias_and_the_variance_of_the_recursion(schedule):
    error_weight, noise_weight = adjoint(stepsizes(schedule), POWER, 3.0)
    bias = risk_trajectory(stepsizes(schedule), POWER, FLAT**2, 0.0, 3.0)[-1]
    variance = risk_trajectory(stepsizes(schedule), POWER, 0 * FLAT, 1.0, 3.0)[-1]
    assert 0.5 * error_weight.sum() == pytest.approx(bias, rel=1e-12)
    assert 0.5 * noise_weight == pytest.approx(variance, rel=1e-12)


@pytest.mark.parametrize(("schedule", "risk"), list(zip(SCHEDULES, RISKS, strict=True)))
def test_bias_and_variance_add_up_to_the_known_risk(schedule, risk):
    error_weight, noise_weight = adjoint(stepsizes(schedule), POWER, 3.0)
    total = risk_trajectory(stepsizes(schedule), POWER, FLAT**2, 1.0, 3.0)[-1]
    assert 0.5 * (error_weight.sum() + noise_weight) == pytest.approx(total, rel=1e-12)
    assert total == pytest.approx(risk, abs=5e-11)


def test_bias_and_variance_have_the_known_values():
    known = {0: (0.0253263093, 0.1009802350), 1: (0.0416394866, 0.0065764769), 2: (0.0270437919, 0.0122567762)}
    for k, (bias, variance) in known.items():
        error_weight, noise_weight = adjoint(stepsizes(SCHEDULES[k]), POWER, 3.0)
        assert 0.5 * error_weight.sum() == pytest.approx(bias, abs=5e-11)
        assert 0.5 * noise_weight == pytest.approx(variance, abs=5e-11)


def test_batch_dimensions_do_not_change_a_number():
    spectra = np.array([POWER, spectrum("power_log", DIM)])
    batch = np.array([[stepsizes(s, 64, rate) for rate in (0.01, 0.1)] for s in (Schedule("geometric"), Schedule("constant"))])
    error_weight, noise_weight = adjoint(batch[:, None], spectra[:, None], 3.0)  # schedule × spectrum × rate
    one_error, one_noise = adjoint(batch[0, 1], spectra[1], 3.0)
    np.testing.assert_allclose(error_weight[0, 1, 1], one_error, rtol=1e-14)
    assert noise_weight[0, 1, 1] == pytest.approx(one_noise, rel=1e-14)


@pytest.mark.parametrize("kurtosis", [1.0, 3.0, 6.0])
def test_kurtosis_gives_the_known_risks(kurtosis):
    eigenvalues = spectrum("power", 64)
    risk = risk_trajectory(np.full(256, 0.3 / eigenvalues.sum()), eigenvalues, np.ones(64), 1.0, kurtosis)[-1]
    assert risk == pytest.approx({1.0: 0.1280827650, 3.0: 0.1449120746, 6.0: 0.1952352285}[kurtosis], abs=5e-11)


@pytest.mark.parametrize(("n_averaged", "risk"), [(N_TRAIN, 0.0396595273), (N_TRAIN // 2, 0.0353841464)])
def test_average_agrees_with_the_sum_over_the_moments_of_its_iterates(n_averaged, risk):
    """E6 as it stands: forward moments s_i(t), weighted by 1 + 2(ρ − ρ^{N−t+1})/(γλ)."""
    rate = RATE * POWER
    moments, averaged = FLAT**2, 0
    for t in range(1, N_TRAIN + 1):
        moments = (1 - 2 * rate + 2 * rate**2) * moments + RATE * rate * (POWER @ moments + 1)
        if t > N_TRAIN - n_averaged:
            averaged = averaged + moments * (1 + 2 * ((1 - rate) - (1 - rate) ** (N_TRAIN - t + 1)) / rate)
    error_weight, noise_weight = adjoint(stepsizes(Schedule("constant")), POWER, 3.0, n_averaged)
    total = 0.5 * (error_weight.sum() + noise_weight)
    assert total == pytest.approx(excess_risk(averaged, POWER) / n_averaged**2, rel=1e-11)
    assert total == pytest.approx(risk, abs=5e-11)


def test_diverged_recursion_is_silent_and_reported_as_infinite():
    error_weight, noise_weight = adjoint(np.full(4000, 3.0), POWER, 3.0)
    assert np.isinf(model.infinite_if_overflown(0.5 * error_weight @ FLAT**2))
    assert np.isinf(model.infinite_if_overflown(noise_weight))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_noise_alone_never_lifts_a_moment_above_its_bound(schedule):
    """v_i(t) ≤ γ_0σ²/(2 − γ_0(tr H + 2λ_1)) for every non-increasing schedule."""
    bound = RATE / (2 - RATE * (POWER.sum() + 2 * POWER[0]))
    trajectory = risk_trajectory(stepsizes(schedule), POWER, 0 * FLAT, 1.0, 3.0)
    assert trajectory.max() <= excess_risk(np.full(DIM, bound), POWER)


@pytest.mark.parametrize("schedule", SCHEDULES[:3])
def test_closed_form_over_phases_agrees_with_the_recursion(schedule):
    lengths = [N_TRAIN] if schedule.schedule == "constant" else model.geometric_phases(N_TRAIN, schedule.constant_steps, np.e)
    moments = np.array([FLAT**2, 0 * FLAT])
    for k, length in enumerate(lengths):
        phase = constant_stepsize.diagonalise(RATE * 0.5**k, POWER, 3.0)
        moments = constant_stepsize.advance(moments, [0.0, 1.0], phase, length)
    error_weight, noise_weight = adjoint(stepsizes(schedule), POWER, 3.0)
    bias, variance = excess_risk(moments, POWER)
    assert bias == pytest.approx(0.5 * error_weight.sum(), rel=1e-12)
    assert variance == pytest.approx(0.5 * noise_weight, rel=1e-12)


def test_floor_is_the_risk_after_ten_million_steps():
    phase = constant_stepsize.diagonalise(RATE, POWER, 3.0)
    moments = constant_stepsize.advance(FLAT**2, 1.0, phase, 10_000_000)
    floor = constant_stepsize.stationary_risk(RATE, POWER, 1.0, 3.0)
    assert floor == pytest.approx(0.1037766085, abs=5e-11)
    assert excess_risk(moments, POWER) == pytest.approx(floor, rel=1e-10)


@pytest.mark.parametrize(("name", "critical"), [("power", 1.0032), ("power_log", 0.9577)])
@pytest.mark.parametrize("kurtosis", [1.0, 3.0, 6.0])
def test_top_eigenvalue_of_a_step_is_one_at_the_critical_stepsize(name, critical, kurtosis):
    eigenvalues = spectrum(name, DIM)
    rate = constant_stepsize.critical_learning_rate(eigenvalues, kurtosis)
    a = rate * eigenvalues
    step = np.diag(1 - 2 * a + (kurtosis - 1) * a**2) + np.outer(a, a)
    assert np.linalg.eigvalsh(step)[-1] == pytest.approx(1, abs=1e-9)
    if kurtosis == 3:
        assert rate * eigenvalues.sum() == pytest.approx(critical, abs=5e-5)


def test_floor_beyond_the_limit_of_stability_is_refused():
    with pytest.raises(ValueError, match="stability limit"):
        constant_stepsize.stationary_risk(1.1 / POWER.sum(), POWER, 1.0, 3.0)
