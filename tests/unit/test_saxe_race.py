"""The mathematics of saxe_race against closed forms, limits, conservation laws and other algorithms."""

from itertools import islice

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from scripts.saxe_race import model, simulation, theory, timing

TARGET = model.toy_data()
MODES = np.linalg.svd(TARGET, compute_uv=False)
ROUTING = theory.Routing(7, 4, theory.rate_constant(0.02, 4, 7))


def rng(seed=0):
    return np.random.default_rng(seed)


def test_toy_data_has_the_singular_values_of_its_hierarchy():
    # YᵀY = 36·J + 16·(blocks of ones) + 9·I has eigenvalues 144 + 32 + 9, 32 + 9, 9, 9
    assert np.square(MODES) == pytest.approx([185, 41, 9, 9])
    assert np.sum(TARGET**2) == pytest.approx(244)


@pytest.mark.parametrize("pattern", model.GATES)
@pytest.mark.parametrize("n_outputs", [1, 4, 7])
def test_gates_train_every_input_and_every_output_equally_often(pattern, n_outputs):
    gate = model.gate_matrix(pattern, 7, n_outputs, rng().permutation(7))
    assert (gate.sum(axis=0) == n_outputs).all()
    assert (gate.sum(axis=1) == n_outputs).all()


def test_gates_are_the_diagonals_that_their_names_say():
    assert np.flatnonzero(model.gate_matrix("plus_minus", 7, 4)[2]).tolist() == [1, 2, 3, 4]
    assert np.flatnonzero(model.gate_matrix("plus", 7, 4)[2]).tolist() == [2, 3, 4, 5]


def test_gates_refuse_other_patterns_and_numbers():
    with pytest.raises(ValueError, match="plus_minus, plus"):
        model.gate_matrix("minus", 7, 4)
    with pytest.raises(ValueError, match="1 to 7"):
        model.gate_matrix("plus", 7, 8)


def test_silence_costs_half_the_squared_targets_on_every_pair():
    squared = model.squared_errors(np.zeros((21, 12)), TARGET)
    errors = model.split_errors(squared, model.gate_matrix("plus", 3, 2))
    assert errors == pytest.approx({"trained": 122, "untrained": 122})
    assert set(model.split_errors(squared, np.ones((3, 3), bool))) == {"trained"}


def test_squared_errors_name_input_then_output_domain():
    output = np.tile(TARGET, (3, 3))
    output[7:14, 8:12] += 1.0  # output domain 1, input domain 2
    squared = model.squared_errors(output, TARGET)
    assert squared[2, 1] == pytest.approx(28)
    assert squared.sum() == pytest.approx(28)


def small_network(seed=0, n_domains=3, width=8):
    return simulation.random_network(rng(seed), n_domains, width, TARGET, 0.7)


def test_a_step_of_descent_is_the_gradient_by_finite_differences():
    gate, network, rate = model.gate_matrix("plus_minus", 3, 2), small_network(), 1e-3

    def loss(changed):
        return model.training_loss(model.squared_errors(model.outputs(changed), TARGET), gate, TARGET)

    after = [part.copy() for part in next(islice(simulation.descend(network, TARGET, gate, rate), 1, None))[0]]
    for place, (before, then) in enumerate(zip(network, after, strict=True)):
        direction = rng(place).standard_normal(before.shape)
        up, down = (network._replace(**{network._fields[place]: before + sign * 1e-4 * direction}) for sign in (1, -1))
        slope = (loss(up) - loss(down)) / 2e-4
        assert np.sum((before - then) / rate * direction) == pytest.approx(slope, rel=1e-6)


def test_networks_of_a_batch_train_as_they_would_alone_each_at_its_rate():
    gate, alone = model.gate_matrix("plus", 3, 1), [small_network(seed) for seed in (0, 1)]
    batch = model.Network(*(np.stack(parts) for parts in zip(*alone, strict=True)))
    _, output = simulation.train(batch, TARGET, gate, np.array([0.01, 0.02]), 20)
    for place, rate in enumerate((0.01, 0.02)):
        assert output[place] == pytest.approx(simulation.train(alone[place], TARGET, gate, rate, 20)[1], rel=1e-12)


def test_private_layers_of_one_domain_train_as_a_shared_one():
    gate, network = np.ones((1, 1), bool), small_network(n_domains=1)
    _, output = simulation.train(network, TARGET, gate, 0.02, 50)
    private = model.Network(*(part[None] for part in network))._replace(hidden=network.hidden[None, None, None])
    found = simulation.train_private(private, TARGET, gate, 0.02, 50)
    assert found[0] == pytest.approx(model.squared_errors(output, TARGET), rel=1e-9)


def test_private_training_lowers_the_loss_as_its_gradient_says():
    torch = pytest.importorskip("torch")
    gate = model.gate_matrix("plus_minus", 3, 2)
    network = model.Network(*(part[None] for part in small_network()))
    hidden = simulation.random_hidden("test", [0], n_domains=3, width=8, scale=0.7)
    parts = [torch.tensor(part[0], requires_grad=True) for part in (network.encoders, hidden, network.decoders)]
    target = torch.tensor(TARGET)
    for _ in range(3):
        pairs = {(i, j): parts[2][7 * j : 7 * j + 7] @ parts[1][i, j] @ parts[0][:, 4 * i : 4 * i + 4] for i in range(3) for j in range(3)}
        loss = sum(((pairs[i, j] - target) ** 2).mean() for i, j in zip(*np.nonzero(gate), strict=True))
        for part, slope in zip(parts, torch.autograd.grad(loss, parts), strict=True):
            part.data -= 0.02 * slope
    found = simulation.train_private(network._replace(hidden=hidden), TARGET, gate, 0.02, 3)[0]
    for i, j in np.ndindex(3, 3):
        output = parts[2][7 * j : 7 * j + 7] @ parts[1][i, j] @ parts[0][:, 4 * i : 4 * i + 4]
        assert found[i, j] == pytest.approx(((output - target) ** 2).sum().item(), rel=1e-10)
    with pytest.raises(ValueError, match="circulant"):
        simulation.train_private(network._replace(hidden=hidden), TARGET, np.eye(3)[[1, 0, 2]].astype(bool), 0.02, 1)


def test_orthogonal_matrices_are_and_networks_that_are_too_narrow_are_refused():
    for shape in ((6, 4), (4, 6), (5, 5)):
        matrix = simulation.orthogonal(rng(), *shape)
        gram = matrix.T @ matrix if shape[0] >= shape[1] else matrix @ matrix.T
        assert gram == pytest.approx(np.eye(min(shape)), abs=1e-12)
    for build in (simulation.random_network, simulation.decoupled_network):
        with pytest.raises(ValueError, match="width must be at least 7"):
            build(rng(), 3, 6, TARGET, 0.1)


def test_singular_values_are_those_of_a_decomposition():
    network = small_network(n_domains=2)
    found = simulation.singular_values(network, 4, 7, 4)
    assert found[1] == pytest.approx(np.linalg.svd(network.hidden, compute_uv=False)[:4])
    encoders = [np.linalg.svd(network.encoders[:, 4 * i : 4 * i + 4], compute_uv=False) for i in range(2)]
    assert found[0] == pytest.approx(np.mean(encoders, axis=0))


def test_descent_from_the_decoupled_start_follows_the_reduction_at_a_small_learning_rate():
    rate, n = 1e-3, 1000
    routing = theory.Routing(3, 2, theory.rate_constant(rate, 4, 7))
    start = simulation.decoupled_network(rng(), 3, 10, TARGET, 0.4)
    gate = model.gate_matrix("plus_minus", 3, 2)
    path = [
        simulation.mode_strengths(network, start) for network, _ in islice(simulation.descend(start.network, TARGET, gate, rate), 0, n, 100)
    ]
    exact = theory.routing_path(MODES, 0.4, n, routing)[::100]
    # Euler's error is of the order of a step's change: rate constant times K M s b² ≈ 1e-2 at its largest
    assert np.max(np.abs(np.stack(path) - exact)) < 2e-2
    values = simulation.singular_values(network_at_end(start, gate, rate, 200), 4, 7, 4)
    strengths = simulation.mode_strengths(network_at_end(start, gate, rate, 200), start)
    assert values[0] == pytest.approx(strengths[0], rel=1e-6)


def network_at_end(start, gate, rate, n_epochs):
    return simulation.train(start.network, TARGET, gate, rate, n_epochs)[0]


def test_flow_conserves_the_imbalance_of_the_layers_and_reduces_to_one_equation():
    path = theory.routing_path(MODES, 0.08, 400, ROUTING)
    constant = theory.conserved(path[:, 0], path[:, 1], 7)
    assert constant == pytest.approx(np.full_like(constant, 6 * 0.08**2), rel=1e-6)
    state = path[60]  # before the first mode is learned: no cancellation
    flow = theory.routing_flow(state, MODES, ROUTING)
    alone = [theory.hidden_speed(b2, s, 0.08, ROUTING) for b2, s in zip(state[1], MODES, strict=True)]
    assert flow[1] == pytest.approx(alone, rel=1e-5)


def test_loss_of_the_reduction_is_that_of_silence_at_a_vanishing_start():
    path = theory.routing_path(MODES, 1e-4, 1, ROUTING)
    assert theory.predicted_loss(path, MODES, ROUTING, 28) == pytest.approx([244], abs=1e-6)


def test_exact_half_learning_times_agree_with_the_integrated_reduction():
    exact = [theory.learning_time(s, 0.08, ROUTING) for s in MODES[:3]]
    assert exact == pytest.approx([75.29, 158.47, 334.19], abs=0.005)
    path = theory.routing_path(MODES, 0.08, 400, ROUTING)
    # linear interpolation within an epoch is off by its curvature: (growth rate a epoch)² / 8 of an epoch
    assert timing.half_learning(path, MODES)[:3] == pytest.approx(exact, abs=0.05)


def test_delays_of_descent_are_those_of_the_specification():
    assert [theory.descent_delay(s, 0.08, ROUTING) for s in MODES[:3]] == pytest.approx([2.49, 2.24, 1.99], abs=0.005)


def test_final_strengths_are_the_limit_of_the_reduction():
    start = 1e-3
    ran = solve_ivp(
        lambda _, b: theory.routing_flow(b[:, None], MODES[1:2], ROUTING)[:, 0],
        (0, 3e4),
        np.full(3, start),
        rtol=1e-9,
        atol=1e-12,
        method="LSODA",
    )
    encoder, hidden = theory.final_strengths(MODES[1:2], 7)
    assert ran.y[:, -1] == pytest.approx([encoder[0], hidden[0], encoder[0]], rel=start)
    assert hidden / encoder == pytest.approx(np.sqrt([7]))


def test_learning_time_from_a_small_start_is_the_escape_time():
    for n_domains in (1, 2, 7):
        routing = theory.Routing(n_domains, 2, 1.0)
        ratio = theory.learning_time(3.0, 1e-5, routing) / theory.escape_time(3.0, 1e-5, routing)
        assert ratio == pytest.approx(1, abs=1e-3)


def test_twice_as_many_domains_learn_faster_by_the_power_of_theory():
    rate = theory.rate_constant(0.005, 4, 7)

    def half(n_domains, n_outputs):
        return theory.learning_time(MODES[0], 0.08, theory.Routing(n_domains, n_outputs, rate))

    assert np.log2(half(20, 20) / half(10, 10)) == pytest.approx(-1.4353, abs=1e-4)
    assert np.log2(half(20, 1) / half(10, 1)) == pytest.approx(-0.4353, abs=1e-4)


def test_learning_time_and_its_fraction_are_refused_outside_their_range():
    with pytest.raises(ValueError, match="between 0 and 1"):
        theory.learning_time(3.0, 0.1, ROUTING, 1.0)
    with pytest.raises(ValueError, match="n_domains"):
        theory.even_ratio(0, 1)


def test_the_largest_stable_rate_is_where_a_perturbed_minimum_begins_to_grow():
    assert [theory.largest_stable_rate(MODES[0], 10, k, 28) for k in (6, 7, 10)] == pytest.approx([0.0222, 0.01906, 0.01334], abs=5e-5)
    n_domains, n_outputs = 3, 2
    encoder, hidden = theory.final_strengths(MODES, n_domains)
    out, _, into = np.linalg.svd(TARGET, full_matrices=False)
    minimum = model.Network(np.tile(np.diag(encoder) @ into, 3), np.diag(hidden), np.tile(out @ np.diag(encoder), (3, 1)))
    nudge = [1e-9 * rng(place).standard_normal(part.shape) for place, part in enumerate(minimum)]
    gate, edge = model.gate_matrix("plus_minus", n_domains, n_outputs), theory.largest_stable_rate(MODES[0], n_domains, n_outputs, 28)

    def growth(rate):
        start = model.Network(*(part + small for part, small in zip(minimum, nudge, strict=True)))
        states = islice(simulation.descend(start, TARGET, gate, rate), 0, 401, 200)
        pulls = [np.linalg.norm((np.tile(TARGET, (3, 3)) - output) * np.kron(gate.T, np.ones((7, 4)))) for _, output in states]
        return pulls[2] / pulls[1]

    assert growth(0.98 * edge) < 1 < growth(1.02 * edge)


def test_drift_of_descent_is_the_sum_of_its_second_order_terms():
    # one Euler step changes M b1² − b2² by (M v1² − v2²), v the step; summed along the flow this is an integral
    routing, s, start = theory.Routing(7, 4, 1e-3), 3.0, 1e-3

    def second_order(b2):
        b1 = np.sqrt((b2**2 + 6 * start**2) / 7)
        v1, v2, _ = theory.routing_flow(np.array([[b1], [b2], [b1]]), np.array([s]), routing)[:, 0]
        return (7 * v1**2 - v2**2) / v2

    end = theory.hidden_at(1 - 1e-9, s, start, 7)
    change = quad(second_order, start, end, points=[0.01, 0.1, 1.0], limit=500)[0]
    assert change / (6 * start**2) == pytest.approx(theory.drift_of_descent(s, routing), rel=0.01)


def test_similarity_of_equal_encoders_is_one_code_and_of_orthogonal_ones_none():
    encoder = simulation.orthogonal(rng(), 16, 8)
    same = model.encoder_similarity(np.tile(encoder[:, :4], 2), 4)
    cosine, ratio = model.compare_panels(same)
    assert cosine == pytest.approx(np.ones((2, 2)))
    assert ratio == pytest.approx(np.ones((2, 2)))
    apart = model.encoder_similarity(encoder, 4)
    assert apart[0, 1] == pytest.approx(np.zeros((4, 4)), abs=1e-12)
    assert apart[1, 1] == pytest.approx(np.eye(4))


def test_half_learning_is_interpolated_and_not_a_number_where_it_is_not_reached():
    share = np.array([0.1, 0.4, 0.8])[:, None] * np.array([3.0, 1.2])
    strengths = np.stack([share, np.ones_like(share), np.ones_like(share)], axis=1)
    found = timing.half_learning(strengths, np.array([3.0, 3.0]))
    assert found[0] == pytest.approx(1.25)
    assert np.isnan(found[1])


def test_even_ratios_are_those_of_the_specification():
    pairs = [(2, 1), (4, 1), (9, 1), (16, 1), (4, 4), (9, 3)]
    assert [theory.even_ratio(*pair) for pair in pairs] == pytest.approx([1.2732, 1.6540, 2.2977, 2.9383, 6.6159, 6.8932], abs=5e-5)


@pytest.mark.parametrize(("start", "n_domains", "fraction"), [(0.2, 1, 0.5), (0.2, 4, 0.9763), (0.5, 3, 0.7910), (0.5, 12, 0.9089)])
def test_the_race_is_that_of_all_six_layers_by_another_solver(start, n_domains, fraction):
    def flow(_, y):
        b, c = y[:3], y[3:]
        delta = 3.0 - np.prod(b) - np.prod(c)
        uses = np.array([1, n_domains, 1, 1, 1, 1])
        return uses * delta * np.array([np.prod(y[:3]) / b[0], np.prod(b) / b[1], np.prod(b) / b[2], *(np.prod(c) / c)])

    ran = solve_ivp(flow, (0, 10 / start), np.full(6, start), method="DOP853", rtol=1e-9, atol=1e-12)
    found = theory.race(3.0, start, start, n_domains, 1)
    assert found.fraction == pytest.approx(np.prod(ran.y[:3, -1]) / 3.0, abs=2e-4)
    assert found.fraction == pytest.approx(fraction, abs=5e-4)


def test_an_even_race_starts_where_the_first_order_says():
    for start in (0.004, 0.002):
        predicted = theory.crossing_ratio(3.0, start, 9, 1)
        assert theory.simulated_crossing(3.0, start, 9, 1) == pytest.approx(predicted, abs=3e-4)
    assert 1 - theory.crossing_ratio(3.0, 0.002, 9, 1) == pytest.approx((1 - theory.crossing_ratio(3.0, 0.004, 9, 1)) / 2)


def test_a_race_from_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        theory.race(3.0, 0.0, 0.1, 4, 1)
    with pytest.raises(ValueError, match="above 0"):
        theory.race(float("nan"), 0.1, 0.1, 4, 1)
