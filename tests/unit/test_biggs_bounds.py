"""The mathematics of biggs_bounds: PAC-Bayes bounds and the networks' random units."""

import math

import numpy as np
import pytest
import torch
from scipy import optimize

from scripts.biggs_bounds import bounds, model
from scripts.biggs_bounds.model import RandomNetwork

BETA = 5.0


@pytest.mark.parametrize(
    ("q", "budget", "expected"), [(0.05, 0.1, 0.20640141), (0.2, 0.3, 0.57836512), (0.5, 0.001, 0.52234950), (0.0, 0.05, 0.04877058)]
)
def test_inverse_kl_has_the_reference_values(q: float, budget: float, expected: float) -> None:
    assert bounds.inverse_kl(q, budget) == pytest.approx(expected, abs=5e-9)


def test_inverse_kl_without_errors_is_the_closed_form() -> None:
    budget = np.array([0.0, 1e-4, 0.1, 1.0, 5.0])
    assert bounds.inverse_kl(0.0, budget) == pytest.approx(-np.expm1(-budget), abs=1e-12)


def test_inverse_kl_agrees_with_brent_and_with_newton_to_a_millionth() -> None:
    for q, budget in ((0.01, 0.02), (0.1, 0.2), (0.3, 0.05), (0.08, 0.27)):
        brent = optimize.brentq(lambda p, q=q, budget=budget: bounds.binary_kl(q, p) - budget, q, bounds.LARGEST, xtol=1e-13)
        newton = q + math.sqrt(budget / 2)
        for _ in range(6):
            newton -= (bounds.binary_kl(q, newton) - budget) * newton * (1 - newton) / (newton - q)
        assert bounds.inverse_kl(q, budget) == pytest.approx(brent, abs=1e-10)
        assert newton == pytest.approx(brent, abs=1e-6)


def test_inverse_kl_grows_with_both_arguments_and_never_below_q() -> None:
    q, budget = np.linspace(0, 1, 41)[:, None], np.geomspace(1e-6, 40, 30)
    value = bounds.inverse_kl(q, budget)
    assert (np.diff(value, axis=0) >= 0).all()
    assert (np.diff(value, axis=1) >= 0).all()
    assert (value >= q).all()
    assert value.max() == 1.0
    assert bounds.inverse_kl(0.3, 0.0) == pytest.approx(0.3, abs=1e-8)


def test_complexity_is_the_kl_divergence_of_the_gaussian_laws() -> None:
    """Sum of KL(N(a, s² I) ‖ N(b, s² I)) over what each network draws, with torch's own divergence as oracle."""

    def divergence(distance: float, variance: float) -> float:
        laws = (torch.distributions.Normal(torch.tensor(mean).double(), math.sqrt(variance)) for mean in (math.sqrt(distance), 0.0))
        return float(torch.distributions.kl_divergence(*laws))

    output = divergence(2.0, 0.1**2)
    sign, gate, value = divergence(3.0, 1 / (2 * BETA**2)), divergence(3.0, 1 / BETA**2), divergence(3.0, 0.07**2)
    assert bounds.complexity("shel", BETA, (3.0, 2.0), np.nan, 0.1) == pytest.approx(sign + output)
    assert bounds.complexity("gelu", BETA, (3.0, 2.0), 0.07, 0.1) == pytest.approx(gate + value + output)


def test_final_bounds_have_the_reference_values() -> None:
    shel = bounds.complexity("shel", BETA, (5.0, 2.0), np.nan, 0.1)
    gelu = bounds.complexity("gelu", BETA, (80.0, 50.0), 0.07, 0.06)
    assert shel == pytest.approx(225)
    assert gelu == pytest.approx(16107.7098, abs=5e-5)
    assert bounds.final_bound(0.15, float(shel), 24000, n_union=64000, delta=0.025) == pytest.approx(0.4113266, abs=5e-8)
    assert bounds.final_bound(0.08, float(gelu), 60000, n_union=1024000, delta=0.025) == pytest.approx(0.8065212, abs=5e-8)
    assert bounds.hoeffding(60000, 20, 0.01) == pytest.approx(0.00138522, abs=5e-9)


def test_a_bound_is_at_least_twice_the_error_and_at_most_two() -> None:
    kappa = np.geomspace(1, 1e7, 50)
    bound = np.array([bounds.final_bound(0.2, value, 24000, n_union=64000, delta=0.025) for value in kappa])
    assert (bound >= 0.4).all()
    assert (np.diff(bound) >= 0).all()
    assert bound[-1] == 2.0
    assert bounds.final_bound(1.002, 1.0, 100, n_union=1, delta=0.025) == 2.0


def random_network(name: str, sigma_hidden: float = 0.3, sigma_output: tuple[float, ...] = (0.1,), output: torch.Tensor | None = None):
    output = torch.tensor([[1.0], [0.0]]) if output is None else output
    return RandomNetwork(name, output, BETA, sigma_hidden, sigma_output)


@pytest.mark.parametrize(("name", "unit", "at_02"), [("shel", 1.0, 0.842701), ("gelu", 1 / BETA, 0.168269)])
def test_the_mean_of_the_random_units_is_the_activation(name: str, unit: float, at_02: float) -> None:
    """Sign units have mean erf(β z), gated units GELU(β z)/β; Monte Carlo to 5 standard errors."""
    n = 400_000
    for z in (-0.3, 0.0, 0.2):
        h = model.hidden_draw(random_network(name), torch.full((n, 1), z), torch.Generator().manual_seed(1)).double()
        expected = float(model.activation(name, torch.tensor([BETA * z]).double())[0]) * unit
        assert float(h.mean()) == pytest.approx(expected, abs=5 * float(h.std()) / math.sqrt(n))
        if z == 0.2:
            assert expected == pytest.approx(at_02, abs=5e-7)


def test_gated_units_have_the_second_moment_of_their_law() -> None:
    """E h² = Φ(β z)(z² + σ_U²); Monte Carlo to 5 standard errors."""
    n, z, sigma = 400_000, 0.1, 0.3
    h = model.hidden_draw(random_network("gelu", sigma), torch.full((n, 1), z), torch.Generator().manual_seed(2)).double()
    expected = 0.5 * (1 + math.erf(BETA * z / math.sqrt(2))) * (z**2 + sigma**2)
    assert float(h.square().mean()) == pytest.approx(expected, abs=5 * float(h.square().std()) / math.sqrt(n))


def test_random_scores_have_the_law_of_gaussian_output_weights() -> None:
    """Mean V h and covariance σ_V² ‖h‖² I, as if V′ itself had been drawn."""
    n = 200_000
    output, h = torch.tensor([[0.5, -1.0], [0.2, 0.3]]), torch.tensor([1.0, -2.0])
    random = random_network("shel", sigma_output=(0.1, 0.4), output=output)
    scores = model.random_scores(random, h.repeat(n, 1), torch.Generator().manual_seed(3)).double()
    for sigma, draws in zip((0.1, 0.4), scores, strict=True):
        variance = sigma**2 * 5.0
        assert torch.allclose(draws.mean(dim=0), (output @ h).double(), atol=5 * math.sqrt(variance / n))
        assert torch.allclose(torch.cov(draws.T), variance * torch.eye(2).double(), atol=5 * variance * math.sqrt(2 / n))


def test_sign_noise_of_a_two_class_network_gives_the_exact_error() -> None:
    """With V = (1, −1)ᵀ and one sign unit, P(error) = mix of Φ(∓√2/σ_V) by P(s = ±1); 5 binomial standard errors."""
    n, z, sigma = 200_000, 0.1, 1.5
    random = random_network("shel", sigma_output=(sigma,), output=torch.tensor([[1.0], [-1.0]]))
    wrong = model.mistakes(random, torch.full((n, 1), z), torch.zeros(n, dtype=torch.int64), torch.Generator().manual_seed(4))
    up = 0.5 * (1 + math.erf(BETA * z))
    flipped = 0.5 * math.erfc(1 / sigma)
    expected = up * flipped + (1 - up) * (1 - flipped)
    assert wrong.shape == (1, n)
    assert float(wrong.double().mean()) == pytest.approx(expected, abs=5 * math.sqrt(expected * (1 - expected) / n))


def test_where_the_deterministic_network_errs_the_random_one_errs_at_least_half_the_time_given_its_units() -> None:
    """Gaussian output noise is symmetric: with the units fixed, a wrong mean score loses half the draws or more."""
    n_draws = 2000
    generator = torch.Generator().manual_seed(5)
    h = torch.randn(20, 6, generator=generator)
    output = torch.randn(4, 6, generator=generator)
    scores = h @ output.T
    labels = scores.argmin(dim=1)
    random = random_network("shel", sigma_output=(3.0,), output=output)
    wrong = torch.stack([model.random_scores(random, h, generator)[0].argmax(dim=1) != labels for _ in range(n_draws)])
    assert float(wrong.double().mean(dim=0).min()) > 0.5 - 5 * 0.5 / math.sqrt(n_draws)


def test_mistakes_do_not_depend_on_the_chunks_where_nothing_is_random(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(6)
    z, output = torch.randn(50, 3, generator=generator), torch.randn(4, 3, generator=generator)
    labels = torch.randint(4, (50,), generator=generator)
    whole = model.mean_mistakes("gelu", output, z, labels, BETA)
    monkeypatch.setitem(model.CHUNK, "cpu", 21)
    assert torch.equal(model.mean_mistakes("gelu", output, z, labels, BETA), whole)
    random = random_network("shel", sigma_output=(0.0, 0.0), output=output)._replace(beta=1e6)
    noiseless = model.mistakes(random, z, labels, generator)
    assert torch.equal(noiseless[0], (torch.sign(z) @ output.T).argmax(dim=1) != labels)
    assert noiseless.shape == (2, 50)
    assert model.mistake_share(random._replace(sigma_output=(0.0,)), z, labels, generator, 3).tolist() == noiseless[0].double().tolist()


@pytest.mark.parametrize(("q", "budget"), [(0.1, np.nan), (np.nan, 0.1), (1.1, 0.1), (-0.1, 0.1), (0.1, -1e-3), ([0.1, np.nan], 0.1)])
def test_inverse_kl_refuses_what_is_no_error_or_no_budget(q: float, budget: float) -> None:
    """A prior that diverged has no complexity: it must not pass for the smallest bound."""
    with pytest.raises(ValueError, match="must be"):
        bounds.inverse_kl(q, budget)
    assert bounds.inverse_kl(0.1, np.inf) == 1.0


COMPLEXITY = {"model": "gelu", "beta": BETA, "distances": (3.0, 2.0), "sigma_hidden": 0.1, "sigma_output": 0.1}


@pytest.mark.parametrize(
    "changed",
    [
        {"model": "relu"},
        {"beta": 0.0},
        {"distances": (np.nan, 1.0)},
        {"distances": (1.0, -1.0)},
        {"sigma_hidden": np.nan},
        {"sigma_output": 0.0},
    ],
    ids=lambda changed: "-".join(map(str, *changed.items())),
)
def test_complexity_refuses_what_makes_no_sense(changed: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(changed))):
        bounds.complexity(**{**COMPLEXITY, **changed})
    assert np.isfinite(bounds.complexity(**{**COMPLEXITY, "model": "shel", "sigma_hidden": np.nan}))


@pytest.mark.parametrize(
    "changed",
    [{"error": np.nan}, {"kappa": np.nan}, {"kappa": -1.0}, {"n_bound": 0}, {"n_union": 0}, {"delta": 0.0}, {"delta": 1.0}],
    ids=str,
)
def test_a_final_bound_refuses_what_makes_no_sense(changed: dict) -> None:
    arguments = {"error": 0.1, "kappa": 10.0, "n_bound": 1000, "n_union": 10, **changed}
    with pytest.raises(ValueError, match=next(iter(changed))):
        bounds.final_bound(**arguments)


def test_the_hoeffding_term_refuses_what_makes_no_sense() -> None:
    for name, arguments in {"n_bound": (0, 20, 0.01), "n_passes": (100, 0, 0.01), "delta_estimate": (100, 20, 0.0)}.items():
        with pytest.raises(ValueError, match=name):
            bounds.hoeffding(*arguments)


def test_networks_refuse_unknown_words_and_sizes() -> None:
    z, labels, generator = torch.zeros(4, 1), torch.zeros(4, dtype=torch.int64), torch.Generator()
    with pytest.raises(ValueError, match="model 'Gelu' is not one of shel, gelu"):
        model.activation("Gelu", z)
    with pytest.raises(ValueError, match="model"):
        model.mistakes(random_network("relu"), z, labels, generator)
    with pytest.raises(ValueError, match="sigma_hidden"):
        model.mistakes(random_network("gelu", math.nan), z, labels, generator)
    with pytest.raises(ValueError, match="sigma_output"):
        model.mistakes(random_network("shel", sigma_output=(math.nan,)), z, labels, generator)
    with pytest.raises(ValueError, match="n_draws"):
        model.mistake_share(random_network("shel"), z, labels, generator, 0)
    for sizes in ((0, 3, 2), (3, 0, 2), (3, 3, 0)):
        with pytest.raises(ValueError, match="must be 1 or more"):
            model.initial_network(*sizes, 0.1, generator)
