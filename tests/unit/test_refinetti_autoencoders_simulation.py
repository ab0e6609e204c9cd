"""SGD of refinetti_autoencoders: the step against gradients of the loss, its mean against the flow, streams and images."""

import numpy as np
import pytest
from scipy.special import erf

from repro.datasets import second_moment
from scripts.refinetti_autoencoders import images
from scripts.refinetti_autoencoders.inputs import gaussian_stream, marchenko_pastur_edge, shuffled_stream, spiked_samples
from scripts.refinetti_autoencoders.model import Rule, Weights, flow, truncation_mask
from scripts.refinetti_autoencoders.simulation import (
    gaussian_streams,
    initial_weights,
    recorded_steps,
    sgd,
    theory_times,
)

DIM, WIDTH, RATE = 5, 3, 0.7
ACTIVATIONS = {"erf": lambda z: erf(z / np.sqrt(2)), "relu": lambda z: np.maximum(z, 0), "linear": lambda z: z}


def constant_streams(inputs):
    """One stream for each row, which repeats that row."""
    return [lambda out, row=row: np.copyto(out, row) for row in inputs.astype(np.float32)]


def loss(activation, encoder, decoder, bias, x):
    """ℓ = ‖x − x̂‖² / 2D in the pixel basis, written as in the paper."""
    output = decoder.T @ ACTIVATIONS[activation](encoder @ x / np.sqrt(DIM) + bias)
    return np.sum((x - output) ** 2) / (2 * DIM)


def gradient(function, at, step=1e-6):
    slopes = np.empty_like(at)
    for index in np.ndindex(at.shape):
        change = np.zeros_like(at)
        change[index] = step
        slopes[index] = (function(at + change) - function(at - change)) / (2 * step)
    return slopes


@pytest.fixture
def pixel_problem():
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.standard_normal((DIM, DIM)))[0]
    encoder, decoder = rng.standard_normal((2, WIDTH, DIM))
    return basis, encoder, decoder, 0.3 * rng.standard_normal(WIDTH), rng.standard_normal(DIM)


def one_step(start, x, rule):
    batch = start.map(lambda part: part[None])
    return sgd(batch, constant_streams(x[None]), np.array([1]), rule).map(lambda part: part[0, 0])


@pytest.mark.parametrize("activation", ["erf", "relu", "linear"])
def test_step_is_a_gradient_step_of_the_loss_with_the_two_rates(activation, pixel_problem):
    basis, encoder, decoder, bias, x = pixel_problem
    bias = bias if activation == "relu" else np.zeros(WIDTH)
    after = (
        encoder - RATE / DIM * gradient(lambda w: loss(activation, w, decoder, bias, x), encoder),
        decoder - RATE * gradient(lambda v: loss(activation, encoder, v, bias, x), decoder),
        bias - RATE / DIM * gradient(lambda b: loss(activation, encoder, decoder, b, x), bias),
    )
    start = Weights(encoder @ basis, decoder @ basis / np.sqrt(DIM), bias if activation == "relu" else None)
    found = one_step(start, x @ basis / np.sqrt(DIM), Rule(activation, RATE, bias_rate=1.0 if activation == "relu" else None))
    np.testing.assert_allclose(found.encoder, after[0] @ basis, atol=2e-6)
    np.testing.assert_allclose(found.decoder, after[1] @ basis / np.sqrt(DIM), atol=2e-6)
    if activation == "relu":
        np.testing.assert_allclose(found.bias, after[2], atol=2e-6)


def test_tied_step_is_a_gradient_step_of_the_loss_along_the_tie(pixel_problem):
    basis, encoder, _, _, x = pixel_problem
    scale = 1.3

    def tied_loss(w):
        return loss("erf", w, scale * np.sqrt(DIM) * w, 0.0, x)

    after = encoder - RATE / DIM * gradient(tied_loss, encoder)
    start = Weights(encoder @ basis, scale * encoder @ basis)
    found = one_step(start, x @ basis / np.sqrt(DIM), Rule("erf", RATE, decoder_scale=scale))
    np.testing.assert_allclose(found.encoder, after @ basis, atol=3e-6)
    np.testing.assert_allclose(found.decoder, scale * after @ basis, atol=3e-6)


def test_truncated_step_uses_the_residual_of_the_units_before(pixel_problem):
    _, encoder, decoder, _, x = pixel_problem
    start = Weights(encoder, decoder / np.sqrt(DIM))
    found = one_step(start, x / np.sqrt(DIM), Rule("erf", RATE, mask=truncation_mask(WIDTH)))
    for unit in range(WIDTH):
        first = start.map(lambda part, unit=unit: part[: unit + 1])
        alone = one_step(first, x / np.sqrt(DIM), Rule("erf", RATE))
        np.testing.assert_allclose(found.encoder[unit], alone.encoder[unit], atol=2e-6)
        np.testing.assert_allclose(found.decoder[unit], alone.decoder[unit], atol=2e-6)


@pytest.mark.parametrize(
    ("rule", "bias"),
    [
        (Rule("erf", 1.0), None),
        (Rule("relu", 1.0, bias_rate=1.0), 0.2),
        (Rule("erf", 1.0, mask=truncation_mask(2)), None),
        (Rule("erf", 1.0, decoder_scale=0.8), None),
    ],
)
def test_mean_of_a_step_is_the_flow_within_five_standard_errors(rule, bias):
    n, eigenvalues = 20_000, np.array([0.5, 0.3, 0.15, 0.05])
    start = initial_weights("test", [0], (2, 4), 0.8, initial_bias=bias).map(lambda part: part[0])
    if rule.decoder_scale is not None:
        start = start._replace(decoder=rule.decoder_scale * start.encoder)
    inputs = np.sqrt(eigenvalues) * np.random.default_rng(1).standard_normal((n, 4))
    batch = start.map(lambda part: np.broadcast_to(part, (n, *part.shape)))
    after = sgd(batch, constant_streams(inputs), np.array([1]), rule)
    for begin, end, expected in zip(start, after, flow(start, eigenvalues, rule), strict=True):
        if begin is not None:
            change = 4 * (end[0].astype(np.float64) - begin)
            error = 5 * change.std(axis=0) / np.sqrt(n) + 1e-6
            assert np.all(np.abs(change.mean(axis=0) - expected) < error)


def test_a_seed_runs_the_same_alone_in_a_batch_and_at_other_recorded_steps():
    eigenvalues, rule = np.full(12, 1 / 12), Rule("erf", 1.0)

    def run(seeds, steps):
        start = initial_weights("test", seeds, (2, 12), 0.1)
        return sgd(start, gaussian_streams("test", seeds, eigenvalues), np.array(steps), rule)

    together, alone = run([0, 1, 2], [0, 7, 300, 601]), run([1], [601])
    np.testing.assert_array_equal(together.encoder[-1, 1], alone.encoder[-1, 0])
    np.testing.assert_array_equal(together.decoder[-1, 1], alone.decoder[-1, 0])
    assert not np.array_equal(together.encoder[-1, 0], together.encoder[-1, 1])


def test_rules_in_one_batch_are_the_rules_alone():
    eigenvalues, seeds, steps = np.full(12, 1 / 12), [0, 1], np.array([400])
    start = initial_weights("test", seeds, (2, 12), 0.1)
    masks = [np.ones((2, 2)), truncation_mask(2)]
    batch = start.map(lambda part: np.stack([part, part]))
    streams = gaussian_streams("test", seeds, eigenvalues)
    both = sgd(batch, streams, steps, Rule("erf", 1.0, mask=np.stack(masks)[:, None]))
    for index, mask in enumerate((None, masks[1])):
        alone = sgd(start, gaussian_streams("test", seeds, eigenvalues), steps, Rule("erf", 1.0, mask))
        np.testing.assert_allclose(both.encoder[0, index], alone.encoder[0], atol=1e-5)


def test_fixed_biases_stay_and_do_not_disturb_trained_ones():
    eigenvalues, steps = np.full(6, 1 / 6), np.array([200])
    start = initial_weights("test", [0], (2, 6), 0.3, initial_bias=0.5)
    batch = start.map(lambda part: np.stack([part, part]))
    rule = Rule("relu", 1.0, bias_rate=np.array([0.0, 1.0], dtype=np.float32)[:, None, None])
    bias = sgd(batch, gaussian_streams("test", [0], eigenvalues), steps, rule).bias[0]
    assert (bias[0] == np.float32(0.5)).all()
    assert (bias[1] != np.float32(0.5)).all()


def test_gaussian_stream_has_its_variances_and_does_not_depend_on_the_block():
    eigenvalues, n = np.array([4.0, 1.0, 0.25]), 20_000
    whole, parts = (np.empty((n, 3), np.float32) for _ in range(2))
    gaussian_stream(eigenvalues, np.random.default_rng(3))(whole)
    stream = gaussian_stream(eigenvalues, np.random.default_rng(3))
    for part in np.split(parts, [1, 8, 5000]):
        stream(part)
    np.testing.assert_array_equal(whole, parts)
    assert np.all(np.abs(whole.var(axis=0) / eigenvalues - 1) < 5 * np.sqrt(2 / n))


def test_shuffled_stream_shows_every_example_once_an_epoch():
    examples = np.arange(7, dtype=np.float32)[:, None]
    out = np.empty((21, 1), np.float32)
    stream = shuffled_stream(examples, np.random.default_rng(4))
    stream(out[:10])
    stream(out[10:])
    for epoch in np.split(out[:, 0], 3):
        assert sorted(epoch) == list(range(7))


def test_recorded_steps_begin_at_zero_and_hold_end_and_marked_times():
    steps = recorded_steps(200, 300, 40, [100, 300, 1000])
    assert (steps[0], steps[1], steps[-1]) == (0, 60, 60_000)
    assert 20_000 in steps
    assert np.all(np.diff(steps) > 0)
    p = {"simulation_time": 10, "n_times": 20, "marked_times": [50]}
    longer = theory_times(p | {"n_theory_times": 200}, 60, 100.0)
    assert set(recorded_steps(60, 10, 20) / 60) <= set(longer)
    assert {0.0, 50.0, 100.0} <= set(longer)
    assert np.all(np.diff(longer) > 0)
    assert len(longer) >= 200


def test_sample_covariance_has_its_outliers_beyond_the_edge():
    samples = spiked_samples(2000, 100, 3, 1.0, np.random.default_rng(5))
    eigenvalues = np.linalg.eigvalsh(second_moment(samples))[::-1] / 100
    edge = marchenko_pastur_edge(100, 2000, 1 / (9 + 25 + 81 + 1))
    assert np.sum(eigenvalues > 1.05 * edge) == 3
    assert eigenvalues.sum() == pytest.approx(1, rel=5 * np.sqrt(2 / 2000))


def test_images_are_standardised_globally_and_rotated_to_a_diagonal_second_moment(tmp_path):
    rng = np.random.default_rng(6)
    for split, n in (("train", 300), ("test", 50)):
        np.save(tmp_path / f"{split}_images.npy", rng.integers(0, 256, (n, 3, 4, 4), dtype=np.uint8))
    standard = images.standardise(images.grey(tmp_path, "train"))
    assert standard.std() == pytest.approx(0.5, rel=1e-5)
    assert standard.mean() == pytest.approx(0, abs=1e-5)
    data = images.load(tmp_path)
    assert data.spectrum.eigenvalues.sum() == pytest.approx(0.25, rel=1e-5)
    np.testing.assert_allclose(data.train.T @ data.train / 300, np.diag(data.spectrum.eigenvalues), atol=1e-6)
    assert data.test.shape == (50, 16)


def test_sample_error_is_the_mean_squared_residual():
    rng = np.random.default_rng(7)
    examples = rng.standard_normal((9, 6)).astype(np.float32)
    encoder, decoder = (rng.standard_normal((3, 2, 6)).astype(np.float32) for _ in range(2))
    found = images.sample_error(Weights(encoder, decoder), examples)
    for index in range(3):
        output = erf(examples @ encoder[index].T / np.sqrt(2)) @ decoder[index]
        assert found[index] == pytest.approx(np.mean(np.sum((examples - output) ** 2, axis=1)), rel=1e-5)


def test_simulation_refuses_words_sizes_and_streams_that_make_no_sense():
    start, steps = initial_weights("test", [0, 1], (2, 6)), np.array([0, 5])
    streams = gaussian_streams("test", [0, 1], np.full(6, 1 / 6))
    with pytest.raises(ValueError, match="activation 'tanh' is not one of erf, relu, linear"):
        sgd(start, streams, steps, Rule("tanh", 1.0))
    with pytest.raises(ValueError, match="streams must be 2, one a seed, not 1"):
        sgd(start, streams[:1], steps, Rule("erf", 1.0))
    with pytest.raises(ValueError, match="steps must be"):
        sgd(start, streams, steps[::-1], Rule("erf", 1.0))
    with pytest.raises(ValueError, match="bias_rate must be 0 or 1"):
        sgd(start._replace(bias=np.zeros((2, 2))), streams, steps, Rule("relu", 1.0))
    with pytest.raises(ValueError, match="width must be 1 or more"):
        initial_weights("test", [0], (0, 6))
    with pytest.raises(ValueError, match="init_scale must be positive"):
        initial_weights("test", [0], (2, 6), np.nan)


def test_inputs_and_times_refuse_what_makes_no_sense():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"end must be a finite time from begin = 0\.3 on, not 0\.1"):
        recorded_steps(60, 0.1)
    with pytest.raises(ValueError, match="n_times must be 1 or more"):
        recorded_steps(60, 10, 0)
    with pytest.raises(ValueError, match="eigenvalues must be non-negative"):
        gaussian_stream(np.array([1.0, np.nan]), rng)
    with pytest.raises(ValueError, match="examples must be one or more"):
        shuffled_stream(np.empty((0, 4), np.float32), rng)
    with pytest.raises(ValueError, match="n_samples must be 1 or more"):
        spiked_samples(0, 10, 2, 1.0, rng)
    with pytest.raises(ValueError, match="bulk must be positive"):
        marchenko_pastur_edge(10, 20, 0.0)


def test_images_of_one_grey_level_cannot_be_standardised():
    with pytest.raises(ValueError, match="pixels are all alike"):
        images.standardise(np.full((3, 2, 2), 7, np.uint8))


def test_errors_over_examples_are_for_weights_without_biases():
    weights = Weights(np.ones((1, 2), np.float32), np.ones((1, 2), np.float32), np.zeros(1))
    with pytest.raises(ValueError, match="weights must have no biases"):
        images.sample_error(weights, np.ones((3, 2), np.float32))
