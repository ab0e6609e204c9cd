"""The neural race reduction: scalar equations of single modes, exact times, stability, and the race of two pathways
[saxe_race, E3–E8, E10].

b1, b2, b3 are the strengths of a mode s in encoder, shared hidden layer and decoder; M domains, K trained outputs for each,
κ = 2 η / (n_in n_out), times in epochs unless a function says otherwise.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

from repro.ode import rk4
from scripts.saxe_race.model import Array


class Routing(NamedTuple):
    """What the reduction of a routing network needs to know."""

    n_domains: int
    """M."""
    n_outputs: int
    """K."""
    rate: float
    """κ, per epoch."""


def rate_constant(learning_rate: float, n_in: int, n_out: int) -> float:
    """κ = 2 η / (n_in n_out) of the loss that is a mean over entries, without ½ [E3]."""
    return 2 * learning_rate / (n_in * n_out)


def routing_flow(strengths: Array, modes: Array, routing: Routing) -> Array:
    """Right-hand side of the reduction [E3].

    Parameters
    ----------
    strengths : ndarray, shape (3, n_modes)
        b1, b2, b3 of every mode.
    modes : ndarray, shape (n_modes,)
        Singular values s of the data.

    Returns
    -------
    ndarray, shape (3, n_modes)   per epoch: K pathways use an encoder or a decoder, K M the hidden layer.
    """
    encoder, hidden, decoder = strengths
    residual = modes - encoder * hidden * decoder
    uses = routing.rate * routing.n_outputs * np.array([[1.0], [routing.n_domains], [1.0]])
    return uses * residual * np.stack([hidden * decoder, encoder * decoder, encoder * hidden])


def routing_path(modes: Array, start: float, n_epochs: int, routing: Routing, step: float = 0.1) -> Array:
    """Strengths at epochs 0 … n_epochs − 1 from b1 = b2 = b3 = b0, by RK4 [E3].

    Parameters
    ----------
    start : float
        b0.
    step : float
        In epochs.

    Returns
    -------
    ndarray, shape (n_epochs, 3, n_modes)
    """
    first = np.full((3, len(modes)), start)
    path = rk4(lambda _, state: routing_flow(state, modes, routing), first, np.arange(n_epochs), n_substeps=round(1 / step))
    return np.stack(list(path))


def predicted_loss(path: Array, modes: Array, routing: Routing, n_entries: int) -> Array:
    """Loss of the reduction, K M / (n_in n_out) Σ_modes (s − b1 b2 b3)², shape (n_epochs,) [E3]."""
    residual = modes - np.prod(path, axis=-2)
    return routing.n_outputs * routing.n_domains / n_entries * np.sum(residual**2, axis=-1)


def conserved(encoder: Array, hidden: Array, n_domains: int) -> Array:
    """M b1² − b2², which the flow conserves [E4]."""
    return n_domains * np.asarray(encoder) ** 2 - np.asarray(hidden) ** 2


def drift_of_descent(mode: float, routing: Routing) -> float:
    """Relative change of `conserved` by gradient descent, −¾ κ K M^{1/3} s^{4/3}, to first order in the learning rate [E4]."""
    return -0.75 * routing.rate * routing.n_outputs * routing.n_domains ** (1 / 3) * mode ** (4 / 3)


def hidden_speed(hidden: Array | float, mode: float, start: float, routing: Routing) -> Array:
    """db2/dt as a function of b2 alone, κ K (b2² + c0) (s − b2 (b2² + c0) / M), c0 = (M − 1) b0² [E4]."""
    square = np.asarray(hidden) ** 2 + (routing.n_domains - 1) * start**2
    return routing.rate * routing.n_outputs * square * (mode - np.asarray(hidden) * square / routing.n_domains)


def hidden_at(fraction: float, mode: float, start: float, n_domains: int) -> float:
    """b2 where the fraction f of a mode is learned: the root of x (x² + c0) / M = f s [E5]."""
    if not 0 < fraction < 1:
        raise ValueError(f"hidden_at: fraction must lie between 0 and 1, not {fraction}")
    excess = (n_domains - 1) * start**2
    return float(brentq(lambda x: x * (x**2 + excess) / n_domains - fraction * mode, 0.0, (n_domains * mode) ** (1 / 3), xtol=1e-14))


def learning_time(mode: float, start: float, routing: Routing, fraction: float = 0.5) -> float:
    """Exact time in epochs at which a fraction of the mode is learned, by quadrature [E5]."""
    end = hidden_at(fraction, mode, start, routing.n_domains)
    return float(quad(lambda x: 1 / hidden_speed(x, mode, start, routing), start, end, epsrel=1e-10, limit=200)[0])


def descent_delay(mode: float, start: float, routing: Routing) -> float:
    """Epochs by which gradient descent lags the flow at half learning, ½ ln(F(b_half) / F(b0)), F the speed of E4; first order [E5]."""
    half = hidden_at(0.5, mode, start, routing.n_domains)
    return float(0.5 * np.log(hidden_speed(half, mode, start, routing) / hidden_speed(start, mode, start, routing)))


def final_strengths(modes: Array, n_domains: int) -> tuple[Array, Array]:
    """Encoder (and decoder) (s/√M)^{1/3} and hidden layer (M s)^{1/3} at the end, from a vanishing start [E6]."""
    modes = np.asarray(modes, dtype=float)
    return (modes / np.sqrt(n_domains)) ** (1 / 3), (n_domains * modes) ** (1 / 3)


def escape_time(mode: float, start: float, routing: Routing) -> float:
    """Learning time from a small start, arctan√(M−1) / (κ K s b0 √(M−1)); 1 / (κ K s b0) for M = 1 [E7]."""
    return _angle_ratio(routing.n_domains) / (routing.rate * routing.n_outputs * mode * start)


def largest_stable_rate(mode: float, n_domains: int, n_outputs: int, n_entries: int) -> float:
    """Largest learning rate at which descent is stable at the minimum, n_in n_out / (3 K s₁^{4/3} M^{1/3}) [E8]."""
    return float(n_entries / (3 * n_outputs * mode ** (4 / 3) * n_domains ** (1 / 3)))


def even_ratio(n_domains: int, n_outputs: int) -> float:
    """ρ*, ratio p0/b0 of the starts at which shared and private pathway escape together: K √(M−1) / arctan√(M−1) [E10]."""
    return n_outputs / _angle_ratio(n_domains)


def _angle_ratio(n_domains: int) -> float:
    """arctan√(M−1) / √(M−1), 1 for M = 1."""
    if n_domains < 1:
        raise ValueError(f"n_domains must be 1 or more, not {n_domains}")
    root = float(np.sqrt(n_domains - 1))
    return float(np.arctan(root)) / root if root else 1.0


def crossing_ratio(mode: float, shared_init: float, n_domains: int, n_outputs: int) -> float:
    """(p0/b0)/ρ* at which each pathway learns half of the mode, to first order in the starts [E10]."""
    private = even_ratio(n_domains, n_outputs) * shared_init
    cut = shared_init / ((n_domains * mode / 2) ** (1 / 3) * _angle_ratio(n_domains))
    return float(1 - (private / (mode / 2) ** (1 / 3) - cut))


def race_flow(strengths: Array, mode: float, n_domains: int, n_outputs: int) -> Array:
    """Right-hand side of the race, in units of κ [E10].

    Parameters
    ----------
    strengths : ndarray, shape (3,)
        b1 = b3, b2 and c1 = c2 = c3: from equal starts these stay equal.
    """
    outer, hidden, private = strengths
    residual = mode - outer**2 * hidden - private**3
    pull = np.array([n_outputs * hidden * outer, n_outputs * n_domains * outer**2, private**2])
    return pull * residual


class Race(NamedTuple):
    """How a race ended."""

    fraction: float
    """φ, part of the mode that the shared pathway has learned."""
    end_time: float
    """In units of 1/κ."""


def race(
    mode: float, shared_init: float, private_init: float, n_domains: int, n_outputs: int, *, tolerance: float = 1e-8, residual: float = 1e-4
) -> Race:
    """Run the race until less than `residual` of the mode is left, with adaptive steps (LSODA) [E10].

    Parameters
    ----------
    shared_init, private_init : float
        b0 and p0.

    Raises
    ------
    ValueError   if both starts are not above 0 (a pathway at 0 never moves), or the mode is not.
    """
    if not all(value > 0 for value in (mode, shared_init, private_init)):
        raise ValueError("race: mode, shared_init and private_init must be above 0")

    def left(_: float, state: Array) -> float:
        return float(mode - state[0] ** 2 * state[1] - state[2] ** 3 - residual * mode)

    left.terminal = True  # type: ignore[attr-defined]
    flow: Callable[[float, Array], Array] = lambda _, state: race_flow(state, mode, n_domains, n_outputs)  # noqa: E731
    latest = 100 / (mode * min(shared_init, private_init))
    start = np.array([shared_init, shared_init, private_init])
    ran = solve_ivp(flow, (0, latest), start, method="LSODA", rtol=tolerance, atol=tolerance * start.min(), events=left)
    if not ran.t_events[0].size:
        raise ValueError("race: the mode is not learned in time")
    outer, hidden, _ = ran.y_events[0][0]
    return Race(float(outer**2 * hidden / mode), float(ran.t_events[0][0]))


def simulated_crossing(
    mode: float, shared_init: float, n_domains: int, n_outputs: int, *, within: float = 1e-4, **accuracy: float
) -> float:
    """(p0/b0)/ρ* at which φ = ½, by bisection of `race` between 0.5 and 1.5 to `within` [E10]."""
    unit = even_ratio(n_domains, n_outputs) * shared_init
    low, high = 0.5, 1.5
    while high - low > within:
        middle = (low + high) / 2
        shared = race(mode, shared_init, middle * unit, n_domains, n_outputs, **accuracy).fraction
        low, high = (middle, high) if shared > 0.5 else (low, middle)
    return (low + high) / 2
