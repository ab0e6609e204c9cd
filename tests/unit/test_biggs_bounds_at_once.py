"""Networks of biggs_bounds that train at once: each as if it were alone, to its own last epoch."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from scripts.biggs_bounds import bounds, evaluation, model, steps, training
from scripts.biggs_bounds.model import Network
from scripts.biggs_bounds.runs import networks
from scripts.biggs_bounds.steps import Descent
from tests.unit.biggs_tables import image_folders
from tests.unit.test_biggs_bounds_training import BETA, batch_of, smoke, toy

DESCENTS = [Descent(name, BETA, rate, 0.9, 20) for name in ("gelu", "shel") for rate in (0.1, 0.004) for _ in range(2)]


def starts(n: int) -> list[Network]:
    return [model.initial_network(5, 8, 4, 0.1, torch.Generator().manual_seed(seed)) for seed in range(n)]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return image_folders(tmp_path_factory.mktemp)


def test_a_step_of_many_networks_is_the_step_of_each() -> None:
    """Both models, two rates: scores, velocities and weights, in float64."""
    _, x, labels = toy()
    batch = batch_of(x.double(), labels)
    doubles = [Network(*(part.double() for part in network)) for network in starts(len(DESCENTS))]
    motion = steps.at_rest(doubles)
    for _ in range(2):
        scores = steps.step(motion, batch, DESCENTS)
    for number, (network, descent) in enumerate(zip(doubles, DESCENTS, strict=True)):
        alone = steps.at_rest([network])
        for _ in range(2):
            own = steps.step(alone, batch, [descent])
        assert torch.allclose(scores[number], own[0], rtol=1e-12)
        for pair, others in zip(motion.at(number), alone.at(0), strict=True):
            assert all(torch.allclose(mine, theirs, rtol=1e-10, atol=1e-14) for mine, theirs in zip(pair, others, strict=True))


@pytest.mark.slow
def test_each_network_stops_at_its_own_epoch_with_the_weights_it_has_alone() -> None:
    _, x, labels = toy()
    rule = {"loss_stop": 0.9, "max_epochs": 15, "n_prior": 40}
    together = training.train(starts(8), x, labels, DESCENTS, **rule)
    for number, network in enumerate(starts(8)):
        [alone] = training.train([network], x, labels, [DESCENTS[number]], **rule)
        assert (together[number].n_epochs, together[number].stopped) == (alone.n_epochs, alone.stopped)
        assert all(torch.allclose(mine, theirs, atol=1e-4) for mine, theirs in zip(together[number].network, alone.network, strict=True))
        for mine, theirs in zip(together[number].shared.network, alone.shared.network, strict=True):
            assert torch.allclose(mine, theirs, atol=1e-5)
    assert len({found.n_epochs for found in together}) > 2, "they stop at different epochs"
    assert any(not found.stopped for found in together), "and one does not stop at all"


def test_networks_that_are_done_leave_the_batch_at_once_or_with_the_next_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight networks at most half of which may run idle: seven and six stay in a batch of eight, four go on alone."""
    _, x, labels = toy()
    monkeypatch.setitem(training.RUNNING, "cpu", 0.5)
    crew = training.Training(steps.at_rest(starts(8)), steps.mini_batches(x, labels, 20, 4), DESCENTS)
    crew.finish([1, 3])
    assert (crew.numbers, len(crew.motion.network.hidden)) == (list(range(8)), 8)
    before = [part[4].clone() for part in crew.motion.velocity]
    crew.finish([0, 2])
    assert (crew.numbers, crew.descents) == ([4, 5, 6, 7], DESCENTS[4:])
    assert all(torch.equal(part[0], kept) for part, kept in zip(crew.motion.velocity, before, strict=True))


def test_a_captured_step_is_replayed_on_whole_mini_batches_and_made_anew_on_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph of CUDA is played: what is called while it is recorded has no effect, and replaying calls it with the same tensors."""
    _, x, labels = toy()
    batches = steps.mini_batches(x[:50], labels[:50], 20, 4)
    motion, expected = (steps.at_rest(starts(8)) for _ in range(2))
    replays: list[tuple] = []
    real = steps.step

    def recorded(*args) -> torch.Tensor:
        replays.append((args, real(*args)))
        return replays[-1][1]

    class Graph:
        def replay(self) -> None:
            args, scores = replays[-1]
            scores.copy_(real(*args))

    @contextmanager
    def record(_: Graph) -> Iterator[None]:
        monkeypatch.setattr(steps, "step", recorded)
        before = motion.copy()
        yield
        monkeypatch.setattr(steps, "step", real)
        for pair, kept in zip(motion, before, strict=True):
            for part, values in zip(pair, kept, strict=True):
                part.copy_(values)

    stream = SimpleNamespace(wait_stream=lambda _: None)
    fakes = {"CUDAGraph": Graph, "graph": record, "Stream": lambda: stream, "current_stream": lambda: stream, "stream": nullcontext}
    for name, fake in fakes.items():
        monkeypatch.setattr(torch.cuda, name, fake)
    play = steps.captured(motion, DESCENTS, batches[0])
    for batch in batches:
        assert torch.equal(play(batch), real(expected, batch, DESCENTS))
    assert len(replays) == 1
    for pair, others in zip(motion, expected, strict=True):
        assert all(map(torch.equal, pair, others))


def test_every_prior_keeps_to_its_own_rule() -> None:
    """Bounds of three priors that rise at once, later, and never: best and last are those that each has alone."""
    _, x, labels = toy()
    script = {0: [1, 2, 3], 1: [3, 2, 1, 2, 3], 2: [9, 8, 7, 6, 5, 4, 3]}
    seen = dict.fromkeys(script, 0)

    def naive(numbers: list[int], priors: list[Network]) -> list[float]:
        assert len(numbers) == len(priors)
        for number in numbers:
            seen[number] += 1
        return [float(script[number][seen[number] - 1]) for number in numbers]

    found = training.train_priors(starts(3), x, labels, DESCENTS[:3], naive_bounds=naive, max_epochs=6)
    assert [priors.n_epochs for priors in found] == [3, 5, 6]
    for number, (best, last) in enumerate([(1, 3), (3, 5), (6, 6)]):
        for prior, n_epochs in zip(found[number], (best, last), strict=False):
            args = [starts(3)[number]], x, labels, [DESCENTS[number]]
            [alone] = training.train(*args, loss_stop=-np.inf, max_epochs=n_epochs)
            assert all(torch.allclose(mine, theirs, atol=1e-5) for mine, theirs in zip(prior, alone.network, strict=True))


@pytest.mark.slow
def test_runs_in_batches_give_the_tables_of_one_at_a_time(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Same epochs and σ; bounds within 0.002; rows in the same order."""
    p = smoke("networks")
    p |= {"max_epochs": 8, "blocks": [{**p["blocks"][0], "learning_rate": [0.1, 0.03], "n_seeds": 2}]}
    alone = networks.compute(p, folders)
    counts: list[int] = []
    run = networks.trained_at_once
    monkeypatch.setattr(networks, "trained_at_once", lambda settings, data: counts.append(len(settings)) or run(settings, data))
    monkeypatch.setitem(networks.MOST_AT_ONCE, "cpu", 100)
    together = networks.compute(p, folders)
    assert max(counts) == 8, "2 models x 2 rates x 2 seeds"
    for name in ("network", "bound"):
        exact = alone[name].columns[[kind.kind != "f" for kind in alone[name].dtypes]]
        pd.testing.assert_frame_equal(together[name][exact], alone[name][exact])
    assert np.allclose(together["bound"]["bound"], alone["bound"]["bound"], atol=0.002)
    assert together["network"]["seconds"].gt(0).all()


def test_a_device_that_is_too_small_takes_halves_and_says_so(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    taken: list[list[int]] = []

    def small_device(settings: list[dict], _data: evaluation.Data) -> list[networks.Rows]:
        if len(settings) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        taken.append([s["seed"] for s in settings])
        return [({"seed": s["seed"]}, []) for s in settings]

    monkeypatch.setattr(networks, "trained_at_once", small_device)
    data = evaluation.load(folders["mnist"])
    with caplog.at_level(logging.WARNING):
        found = networks.in_halves([{"seed": seed, "width": 50} for seed in range(5)], data)
    assert taken == [[0, 1], [2], [3, 4]]
    assert [row["seed"] for row, _ in found] == [0, 1, 2, 3, 4]
    assert "out of memory with 5 networks of width 50 at once: going on with 2" in caplog.text


def test_one_network_that_does_not_fit_is_an_error(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def no_device(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(networks, "trained_at_once", no_device)
    with pytest.raises(torch.OutOfMemoryError):
        networks.in_halves([{"seed": 1, "width": 50}], evaluation.load(folders["mnist"]))


@pytest.mark.parametrize("name", ["beta", "momentum", "batch_size"])
def test_networks_that_differ_in_what_they_must_share_are_refused(name: str) -> None:
    _, x, labels = toy()
    other = DESCENTS[1]._replace(**{name: {"beta": 4.0, "momentum": 0.0, "batch_size": 10}[name]})
    with pytest.raises(ValueError, match=name):
        training.train(starts(2), x, labels, [DESCENTS[0], other], loss_stop=0.1, max_epochs=1)


def test_settings_that_stop_by_other_rules_are_refused(folders: dict[str, Path]) -> None:
    data = evaluation.load(folders["mnist"])
    one = next(networks.networks_of(smoke("networks")))
    with pytest.raises(ValueError, match="loss_stop must be one"):
        evaluation.fits(data, [one, {**one, "loss_stop": 9.0}], [1, 2], [None, None])


def test_the_smallest_naive_bound_is_that_of_the_whole_grid() -> None:
    """Random errors and complexities, some so large that the bound saturates at 2."""
    rng = np.random.default_rng(1)
    error, kappa = rng.uniform(0, 0.9, (50, 64)), rng.exponential(1, (50, 64)) * rng.choice([10, 1e4, 1e6], (50, 1))
    whole = bounds.naive_bound(error, kappa, 2000)
    assert (whole == 2).all(axis=1).any()
    assert (whole < 1).any()
    assert np.array_equal(bounds.smallest_naive_bound(error, kappa, 2000), whole.min(axis=1))
