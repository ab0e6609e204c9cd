"""Data, activation, race and training of huang_modality against closed forms, Monte Carlo, other algorithms and automatic derivatives."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from repro.ode import rk4
from scripts.huang_modality import theory
from scripts.huang_modality.model import (
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

RNG = np.random.default_rng(0)
SMOOTH = Activation()


def given(n_seeds=2, n_samples=40, insufficient=(0.2, 0.3), scale=1.0, world=None):
    return samples([draw(np.random.default_rng([5, seed]), n_samples, world) for seed in range(n_seeds)], insufficient, scale, world)


@pytest.mark.parametrize(("t", "value"), [(-0.3, 0.0), (0.25, 0.0078125), (0.5, 0.125), (1.0, 0.625)])
def test_activation_has_its_reference_values(t, value):
    assert SMOOTH.value(t) == pytest.approx(value, abs=1e-15)


@pytest.mark.parametrize("activation", [Activation(), Activation(3, 0.7), Activation(5, 1.5)])
def test_slope_is_the_derivative_of_the_value_and_both_are_continuous_at_the_knee(activation):
    t, small = np.linspace(-1, 2, 61) + 0.003, 1e-6
    np.testing.assert_allclose(activation.slope(t), (activation.value(t + small) - activation.value(t - small)) / (2 * small), atol=1e-8)
    for function in (activation.value, activation.slope):
        assert function(activation.knee + 1e-9) == pytest.approx(function(activation.knee - 1e-9), abs=1e-7)
    assert activation.value(3.0) == pytest.approx(3 - (1 - 1 / activation.power) * activation.knee)


def test_codes_have_the_shares_and_moments_of_their_world_within_five_standard_errors():
    world, n = World(), 40_000
    drawn = draw(np.random.default_rng(1), n, world)
    found = samples([drawn], (0.1, 0.3), 1.0, world)
    codes, labels = found.codes[0], found.labels[0]
    own = codes[:, np.arange(n), labels]
    for r, fraction in enumerate((0.1, 0.3)):
        assert abs(found.is_insufficient[0, r].mean() - fraction) < 5 * np.sqrt(fraction * (1 - fraction) / n)
        assert own[r][found.is_insufficient[0, r]].max() <= world.insufficient_max
        fourth = own[r][~found.is_insufficient[0, r]] ** 4
        assert abs(fourth.mean() - theory.signal_moment(4, 2.0)) < 5 * fourth.std() / np.sqrt(len(fourth))
    off = np.arange(world.n_classes) != labels[:, None]
    active = codes[0][off] > 0
    assert abs(active.mean() - 0.4) < 5 * np.sqrt(0.4 * 0.6 / active.size)
    values = codes[0][off][active]
    assert (values.min() >= world.off_class_low, values.max() <= world.off_class_high) == (True, True)
    assert abs(values.mean() - 0.3) < 5 * 0.2 / np.sqrt(12 * values.size)
    rest = found.inputs[0, :, :, world.n_classes :]
    assert abs(rest.std() - world.noise_std) < 5 * world.noise_std / np.sqrt(2 * rest.size)
    assert abs(np.corrcoef(found.is_insufficient[0])[0, 1]) < 5 / np.sqrt(n)
    assert theory.signal_moment(4, 2.0) == pytest.approx(6.2)


def test_fractions_and_strengths_act_on_the_same_random_numbers():
    first, second = given(insufficient=(0.2, 0.3)), given(insufficient=(0.2, 0.9), scale=1.3)
    np.testing.assert_array_equal(first.labels, second.labels)
    np.testing.assert_array_equal(first.inputs[:, 0], second.inputs[:, 0])
    assert (first.is_insufficient[:, 1] <= second.is_insufficient[:, 1]).all()
    same = ~second.is_insufficient[:, 1] | first.is_insufficient[:, 1]
    np.testing.assert_allclose(second.codes[:, 1][same], 1.3 * first.codes[:, 1][same])
    noise = [part.inputs[..., 5:] for part in (first, second)]
    np.testing.assert_array_equal(*noise)


def test_correlation_is_the_largest_positive_product_of_a_class_with_its_feature():
    weights = RNG.standard_normal((3, 2, 4 * 6, 9)).astype(np.float32)
    found = feature_correlations(weights, 4)
    for seed, r, label in np.ndindex(3, 2, 4):
        products = [weights[seed, r, label * 6 + neuron, label] for neuron in range(6)]
        assert found[seed, r, label] == max(0, *products)
    assert not feature_correlations(-np.abs(weights), 4).any()


def test_winner_has_the_larger_correlation():
    found = outcome(np.array([[2.0, 1.0, 0.3], [1.0, 4.0, 0.0]]))
    np.testing.assert_array_equal(found.winner, [1, 2, 1])
    np.testing.assert_allclose(found.ratio, [0.5, 0.25, 0])


def test_scores_are_judged_as_torch_judges_them():
    scores, labels = RNG.standard_normal((3, 7, 5)), RNG.integers(5, size=(3, 7))
    expected = [torch.nn.functional.cross_entropy(torch.tensor(s), torch.tensor(y)).item() for s, y in zip(scores, labels, strict=True)]
    np.testing.assert_allclose(cross_entropy(scores, labels), expected)
    np.testing.assert_allclose(error_rate(scores, labels), (scores.argmax(-1) != labels).mean(-1))


def loss_of_torch(weights, data, training, activation):
    """Sum over seeds of the losses, in float64, neuron by neuron as the model is written."""
    inputs, labels = torch.tensor(data.inputs, dtype=torch.float64), torch.tensor(data.labels)
    share = torch.clamp((inputs @ weights.transpose(-1, -2)) / activation.knee, 0, 1)
    values = activation.knee * share**activation.power / activation.power
    values = values + torch.relu(inputs @ weights.transpose(-1, -2) - activation.knee)
    f = values.unflatten(-1, (5, -1)).sum(-1)
    heads = [f.sum(1)] if training == "joint" else [f[:, 0], f[:, 1]]
    return sum(torch.nn.functional.cross_entropy(s, y) for head in heads for s, y in zip(head, labels, strict=True))


@pytest.mark.parametrize("training", ["joint", "uni"])
@pytest.mark.parametrize("activation", [Activation(), Activation(3, 0.3), Activation(6, 0.8)])
def test_a_step_goes_down_the_gradient_of_the_loss(training, activation):
    data = given()
    start = (0.3 * np.random.default_rng(6).standard_normal((2, 2, 15, 100))).astype(np.float32)
    start[..., :5] += 0.4
    weights = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    loss_of_torch(weights, data, training, activation).backward()
    *_, (end, _) = train(start, data, np.array([0, 1]), training=training, learning_rate=0.5, activation=activation)
    np.testing.assert_allclose((start - end) / 0.5, weights.grad.numpy(), atol=2e-6)
    assert np.abs(weights.grad.numpy()).max() > 0.01


def test_seeds_do_not_disturb_each_other_and_one_encoder_alone_ignores_the_other():
    data, start = given(3), (0.1 * np.random.default_rng(7).standard_normal((3, 2, 15, 100))).astype(np.float32)
    run = {"learning_rate": 2.0, "activation": SMOOTH}
    *_, (together, _) = train(start, data, np.array([20]), training="joint", **run)
    one = type(data)(*(part[1:2] for part in data))
    *_, (single, _) = train(start[1:2], one, np.array([20]), training="joint", **run)
    np.testing.assert_allclose(together[1:2], single, atol=1e-5)
    blind = data._replace(inputs=data.inputs * np.array([1, 0], np.float32)[:, None, None])
    ends = [list(train(start, part, np.array([0, 20]), training="uni", **run))[-1].weights for part in (data, blind)]
    np.testing.assert_allclose(ends[0][:, 0], ends[1][:, 0], atol=1e-6)
    assert np.abs(ends[0] - start).max() > 0.01


def test_logits_of_training_and_of_evaluation_are_the_same():
    data, start = given(), np.random.default_rng(8).standard_normal((2, 2, 15, 100)).astype(np.float32)
    found = logits(start, data.inputs, 5, SMOOTH)
    assert found.shape == (2, 2, 40, 5)
    first = next(train(start, data, np.array([0]), training="joint", learning_rate=1.0, activation=SMOOTH))
    np.testing.assert_allclose(first.scores, found, rtol=1e-5, atol=1e-5)
    weights = torch.tensor(start, dtype=torch.float64)
    loss = cross_entropy(found.sum(1), data.labels).sum()
    assert loss == pytest.approx(loss_of_torch(weights, data, "joint", SMOOTH).item(), rel=1e-5)


def test_growth_rates_count_sufficient_samples_of_the_class():
    data = given(n_samples=200)
    found = theory.growth_rates(data, SMOOTH)
    for seed, r, label in np.ndindex(2, 2, 5):
        total = sum(
            data.codes[seed, r, i, label] ** 4 for i in range(200) if data.labels[seed, i] == label and not data.is_insufficient[seed, r, i]
        )
        assert found[seed, r, label] == pytest.approx(total / (200 * 0.5**3))


def test_early_training_follows_the_growth_law():
    """Without noise and off-class codes, and while no sample is fitted, the largest weight of a class grows at (1 − 1/K) η d Γ^(q−1)."""
    world = World(noise_std=0.0, off_class_active=0.0)
    data = given(n_samples=500, world=world)
    start = np.full((2, 2, 5, 100), -1.0, np.float32)
    start[..., np.arange(5), np.arange(5)] = 1e-3
    small = SMOOTH._replace(knee=4.0)  # every field stays below the knee
    rates = theory.growth_rates(data, small)
    path = train(start, data, np.array([0, 1]), training="joint", learning_rate=1e6, activation=small)
    first, second = (feature_correlations(moment.weights, 5) for moment in path)
    grown = (second - first) / 1e6
    np.testing.assert_allclose(grown, 0.8 * rates * 1e-9, rtol=2e-3)


@pytest.mark.parametrize("power", [3, 4, 6])
def test_forecast_names_who_blows_up_first_and_when(power):
    """Both growth laws solved as differential equations, up to nine tenths of the predicted step."""
    rng, activation = np.random.default_rng(power), Activation(power, 0.5)
    correlations, rates = rng.uniform(1e-3, 5e-3, (2, 30)), rng.uniform(5, 15, (2, 30))
    told = theory.forecast(correlations, rates, activation, 8.0)
    clear = np.abs(told.advantage) > 0.3
    assert clear.sum() > 10
    times = np.array([0, 0.9])
    *_, late = rk4(lambda _, x: told.blow_up_step * 8.0 * rates * x ** (power - 1), correlations, times, n_substeps=400)
    np.testing.assert_array_equal(np.where(late[0] > late[1], 1, 2)[clear], told.winner[clear])
    winner = np.take_along_axis(late / correlations, told.winner[None] - 1, axis=0)[0]
    np.testing.assert_allclose(winner, 0.1 ** (-1 / (power - 2)), rtol=1e-4)


@pytest.mark.parametrize(("scale", "share"), [(0.8, 0.881), (0.9, 0.727), (1.0, 0.532), (1.1, 0.345), (1.25, 0.152)])
def test_predicted_shares_are_those_of_the_reference(scale, share):
    found = theory.predicted_share((0.02, 0.08), scale, width=20, activation=SMOOTH, signal_max=2.0)
    assert found == pytest.approx(share, abs=6e-4)


@pytest.mark.parametrize("ratio", [0.5, 0.9, 1.0, 1.3])
@pytest.mark.parametrize("width", [1, 5, 20])
def test_win_probability_is_the_integral_and_the_frequency_of_wins(ratio, width):
    found = theory.win_probability(ratio, width)
    density = lambda x: width * norm.pdf(x) * norm.cdf(x) ** (width - 1) * norm.cdf(ratio * x) ** width  # noqa: E731
    assert found == pytest.approx(quad(density, -9, 9, epsabs=1e-10)[0], abs=1e-8)
    n = 100_000
    mine, other = np.random.default_rng(2).standard_normal((2, n, width)).max(axis=-1)
    assert abs((ratio * mine > other).mean() - found) < 5 * np.sqrt(found * (1 - found) / n)
    assert theory.win_probability(1.0, width) == pytest.approx(0.5, abs=1e-10)


def test_equal_fractions_and_strengths_win_equally_and_mix_to_themselves():
    assert theory.predicted_share((0.3, 0.3), 1.0, width=20, activation=SMOOTH, signal_max=2.0) == pytest.approx(0.5, abs=1e-10)
    np.testing.assert_allclose(theory.mixture_error([0, 0.25, 1], (0.02, 0.08)), [0.08, 0.065, 0.02])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw(RNG, 0), "n_samples must be 1 or more"),
        (lambda: draw(RNG, 5, World(n_classes=1)), "n_classes must be 2 or more"),
        (lambda: draw(RNG, 5, World(dim=3)), "dim must be 5 or more"),
        (lambda: draw(RNG, 5, World(off_class_active=9)), "off_class_active must be from 0 to 5"),
        (lambda: draw(RNG, 5, World(off_class_low=0.5)), "off_class_low must be from 0 to 0.4"),
        (lambda: given(insufficient=(0.1,)), "number of insufficient fractions 1 is not one of 2"),
        (lambda: given(insufficient=(0.1, 1.2)), "insufficient must be from 0 to 1"),
        (lambda: given(scale=0), "scale must be positive"),
        (lambda: given(world=World(signal_max=0.5)), "signal_max must be 1 or more"),
        (lambda: Activation(2).checked(), "power must be 3 or more"),
        (lambda: Activation(4, 0).checked(), "knee must be positive"),
        (lambda: outcome(np.zeros((2, 3))), "larger_correlation must be positive"),
        (lambda: outcome(np.full((2, 3), np.nan)), "correlations must be finite"),
        (lambda: error_rate(np.array([[np.nan, 1.0]]), np.array([1])), "scores must be finite"),
        (lambda: theory.forecast(np.zeros((2, 1)), np.ones((2, 1)), SMOOTH, 1.0), "correlations must be positive"),
        (lambda: theory.signal_moment(4, 1.0), "signal_max must be above 1"),
        (lambda: theory.win_probability(-1, 5), "ratio must be positive"),
        (lambda: theory.win_probability(1, 0), "width must be 1 or more"),
        (lambda: theory.predicted_share((0.1, 1.0), 1, width=5, activation=SMOOTH, signal_max=2), "insufficient must be at least 0"),
        (lambda: theory.mixture_error(1.1, (0.1, 0.2)), "share must be from 0 to 1"),
        (
            lambda: next(
                train(np.zeros((2, 2, 5, 100), np.float32), given(), np.array([0]), training="both", learning_rate=1, activation=SMOOTH)
            ),
            "training 'both' is not one of joint, uni",
        ),
        (
            lambda: next(
                train(np.zeros((2, 2, 5, 100), np.float32), given(), np.array([3, 1]), training="uni", learning_rate=1, activation=SMOOTH)
            ),
            "steps must be",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
