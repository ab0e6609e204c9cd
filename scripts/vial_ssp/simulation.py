"""Players that learn while they play, many lanes in lockstep [vial_ssp, E2, E5–E10]."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro.checks import at_least, one_of, positive
from scripts.vial_ssp.model import Array, Problem, bonus_at, estimate, gram, optimal_action_values, optimistic_fixed_point

GROWTHS = ("visits", "log_det")

_CHUNK = 4096  # uniform numbers that a lane draws at once
_TIE = 1e-9  # size of the random numbers that decide between equal values

Integers = npt.NDArray[np.intp]


class Player(NamedTuple):
    """One lane: who plays what.

    problem : instance; lanes that play together have instances of one shape
    bonus_scale : c of the bonus, 0 for greedy play
    value_cap : B, in units of cost
    is_uniform : random actions, nothing is learnt
    """

    problem: Problem
    bonus_scale: float
    value_cap: float
    is_uniform: bool = False


class Learner(NamedTuple):
    """How and when values are computed anew [vial_ssp, E8, E9].

    growth : {"visits", "log_det"}; what must have grown since the last update: n + λ of some pair by a factor, or log det Λ by a sum
    threshold : that factor (> 1) or sum (> 0)
    check_every : steps between tests
    dense_until : until this step "visits" updates at every step, and "log_det" is tested at every step
    ridge : λ
    tolerance, max_iterations : of the fixed point
    """

    growth: str
    threshold: float
    check_every: int
    dense_until: int
    ridge: float = 1.0
    tolerance: float = 1e-3
    max_iterations: int = 2000


class Updates(NamedTuple):
    """Updates of all lanes in the order of their steps, arrays of shape (number of updates,).

    lane, step : int
    start_value : optimistic value of the start
    optimism_violation : largest J_t(s) − J*(s) over the states
    n_iterations, residual : of the fixed point
    """

    lane: Integers
    step: Integers
    start_value: Array
    optimism_violation: Array
    n_iterations: Integers
    residual: Array


class Play(NamedTuple):
    """What happened to L lanes up to the ends of the episodes of a grid: arrays of shape (L, grid), and the updates.

    step : steps so far
    regret : gap regret, sum of Q*(s, a) − J*(s) [vial_ssp, E2]
    realised_regret : costs − episodes · J*(start)
    """

    step: Integers
    regret: Array
    realised_regret: Array
    updates: Updates


def episode_grid(first: int, last: int, n_points: int, early: Sequence[int] = ()) -> list[int]:
    """Episodes at which regret is read: n_points from `first` to `last`, equally spaced in the logarithm and rounded, and earlier ones.

    Raises
    ------
    ValueError   if an episode is below 1, the last one before the first, or no point is asked for.
    """
    at_least(1, first=first, n_points=n_points, early=np.array([1, *early]))
    at_least(first, last=last)
    points = np.round(np.geomspace(first, last, n_points)).astype(int)
    return sorted({last, *map(int, points), *early})


def play(players: Sequence[Player], learner: Learner, grid: Sequence[int], rngs: Sequence[np.random.Generator]) -> Play:
    """Let every player play until the last episode of the grid; all lanes take a step at a time.

    Parameters
    ----------
    players : one a lane.
    grid : episodes, ascending, at whose ends regret is read.
    rngs : generator of every lane: a lane's play depends on no other lane.

    Raises
    ------
    ValueError   for a growth outside its list, a threshold, interval or episode that makes no sense, or generators that are not as
        many as the players.
    """
    one_of("growth", learner.growth, GROWTHS)
    positive(threshold=learner.threshold - (learner.growth == "visits"), check_every=learner.check_every)
    at_least(1, players=len(players), grid=np.diff(grid, prepend=0))
    if len(rngs) != len(players):
        raise ValueError(f"rngs must be {len(players)} generators, one a player, not {len(rngs)}")
    lanes = _Lanes(players, learner, grid, rngs)
    step = 0
    while not lanes.is_done():
        is_dense = step < learner.dense_until
        n_steps = 1 if is_dense else learner.check_every
        lanes.walk(step, n_steps)
        step += n_steps
        lanes.learn(step, lanes.due(is_dense=is_dense))
    return lanes.result()


class _Lanes:
    """State of all lanes. Flat indices: of a state lane · S + s, of a pair (lane · S + s) · A + a."""

    def __init__(self, players: Sequence[Player], learner: Learner, grid: Sequence[int], rngs: Sequence[np.random.Generator]) -> None:
        self.learner, self.grid = learner, np.asarray(grid)
        problems = [player.problem for player in players]
        self.features, self.cost = np.stack([p.features for p in problems]), np.stack([p.cost for p in problems])
        self.n_lanes, self.n_states, self.n_actions = self.cost.shape
        solved = {name: optimal_action_values(problem) for name, problem in {id(problem): problem for problem in problems}.items()}
        action_values = np.stack([solved[id(problem)] for problem in problems])
        self.optimal = action_values.min(axis=-1)
        self.gap = action_values - self.optimal[..., None]
        transition = np.stack([problem.transition for problem in problems])
        self.cumulative = transition.cumsum(axis=-1)[..., :-1].reshape(-1, self.n_states)
        self.start = np.array([problem.start for problem in problems])
        self.bonus_scale, self.value_cap = (
            np.array([getattr(player, name) for player in players]) for name in ("bonus_scale", "value_cap")
        )
        self.uniform = np.flatnonzero([player.is_uniform for player in players])
        self.learns = np.array([not player.is_uniform for player in players])
        self.tie = _TIE * np.stack([rng.random((self.n_states, self.n_actions)) for rng in rngs])
        self.draws = _draws(rngs, self.uniform, self.n_actions)
        self.first = np.arange(self.n_lanes) * self.n_states
        self.resume = self.first[:, None] + np.append(np.tile(np.arange(self.n_states), (self.n_lanes, 1)), self.start[:, None], axis=1)
        self.resume_first = np.arange(self.n_lanes) * (self.n_states + 1)
        self.state = self.first + self.start
        self.policy = np.arange(self.n_lanes * self.n_states) * self.n_actions + self.tie.argmin(axis=-1).ravel()
        self.visits, self.counts = np.zeros(self.cost.shape), np.zeros((*self.cost.shape, self.n_states + 1))
        self.last_size = self._size()
        self.reached, self.episode = (np.zeros(self.n_lanes, dtype=np.intp) for _ in range(2))
        self.regret, self.spent = (np.zeros(self.n_lanes) for _ in range(2))
        self.read_step = np.zeros((self.n_lanes, len(grid)), dtype=np.intp)
        self.read_regret, self.read_realised = (np.zeros((self.n_lanes, len(grid))) for _ in range(2))
        self.updates: list[Updates] = []

    def is_done(self) -> bool:
        """Whether every lane has finished its last episode."""
        return bool((self.reached == len(self.grid)).all())

    def walk(self, step: int, n_steps: int) -> None:
        """Take steps with the policies as they are, and count what is seen."""
        pairs, after = (np.empty((n_steps, self.n_lanes), dtype=np.intp) for _ in range(2))
        resume = self.resume.ravel()
        for at in range(n_steps):
            draw, random_action = next(self.draws)
            pair = self.policy[self.state]
            pair[self.uniform] = self.state[self.uniform] * self.n_actions + random_action
            reached = (draw[:, None] >= self.cumulative[pair]).sum(axis=1)
            self.state = resume[self.resume_first + reached]
            pairs[at], after[at] = pair, reached
        np.add.at(self.visits.reshape(-1), pairs.ravel(), 1.0)
        np.add.at(self.counts.reshape(-1), (pairs * (self.n_states + 1) + after).ravel(), 1.0)
        episode = self.episode + (after == self.n_states).cumsum(axis=0)
        regret = self.regret + self.gap.ravel()[pairs].cumsum(axis=0)
        spent = self.spent + self.cost.ravel()[pairs].cumsum(axis=0)
        self._read(step, episode, regret, spent)
        self.episode, self.regret, self.spent = episode[-1], regret[-1], spent[-1]

    def _read(self, step: int, episode: Integers, regret: Array, spent: Array) -> None:
        """Note regrets at the ends of the grid's episodes; arrays of shape (steps, lanes) from step + 1 on."""
        awaited = self.grid[np.minimum(self.reached, len(self.grid) - 1)]
        for lane in np.flatnonzero((episode[-1] >= awaited) & (self.reached < len(self.grid))):
            while self.reached[lane] < len(self.grid) and episode[-1, lane] >= (wanted := self.grid[self.reached[lane]]):
                at, place = int(np.argmax(episode[:, lane] >= wanted)), (lane, self.reached[lane])
                self.read_step[place], self.read_regret[place] = step + at + 1, regret[at, lane]
                self.read_realised[place] = spent[at, lane] - wanted * self.optimal[lane, self.start[lane]]
                self.reached[lane] += 1

    def due(self, *, is_dense: bool) -> Integers:
        """Lanes whose values are to be computed anew."""
        playing = self.learns & (self.reached < len(self.grid))
        size, threshold = self._size(), self.learner.threshold
        if self.learner.growth == "visits":
            grown = np.ones(self.n_lanes, dtype=bool) if is_dense else (size >= threshold * self.last_size).any(axis=1)
        else:
            grown = (size - self.last_size >= threshold).any(axis=1)
        found = np.flatnonzero(grown & playing)
        self.last_size[found] = size[found]
        return found

    def _size(self) -> Array:
        """What must grow, shape (lanes, 1 or more): n + λ of every pair, or log det Λ."""
        if self.learner.growth == "visits":
            return (self.visits + self.learner.ridge).reshape(self.n_lanes, -1)
        return np.linalg.slogdet(gram(self.features, self.visits, self.learner.ridge))[1][:, None]

    def learn(self, step: int, lanes: Integers) -> None:
        """New values and policies of some lanes."""
        if not lanes.size:
            return
        data = estimate(self.features[lanes], self.cost[lanes], self.counts[lanes], self.learner.ridge)
        cap = self.value_cap[lanes]
        bonus = bonus_at(step, self.bonus_scale[lanes], cap)
        how = {"tolerance": self.learner.tolerance, "max_iterations": self.learner.max_iterations}
        found = optimistic_fixed_point(data, bonus, cap, **how)  # type: ignore[arg-type]
        states = self.first[lanes][:, None] + np.arange(self.n_states)
        self.policy[states] = states * self.n_actions + (found.action_value + self.tie[lanes]).argmin(axis=-1)
        value = found.action_value.min(axis=-1)
        start_value = value[np.arange(len(lanes)), self.start[lanes]]
        violation = (value - self.optimal[lanes]).max(axis=-1)
        self.updates.append(Updates(lanes, np.full(len(lanes), step), start_value, violation, found.n_iterations, found.residual))

    def result(self) -> Play:
        """What was read and noted."""
        columns = zip(*self.updates, strict=True) if self.updates else [[np.empty(0)]] * len(Updates._fields)
        return Play(self.read_step, self.read_regret, self.read_realised, Updates(*(np.concatenate(list(column)) for column in columns)))


def _draws(rngs: Sequence[np.random.Generator], uniform: Integers, n_actions: int) -> Iterator[tuple[Array, Integers]]:
    """For every step a number in [0, 1) a lane and a random action for the lanes that play uniformly, made from one draw."""
    while True:
        chunk = np.stack([rng.random(_CHUNK) for rng in rngs], axis=1)
        scaled = chunk[:, uniform] * n_actions
        actions = scaled.astype(np.intp)
        chunk[:, uniform] = scaled - actions
        yield from zip(chunk, actions, strict=True)
