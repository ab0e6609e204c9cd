"""Training of biggs_bounds and the tables of its runs, on a tiny dataset."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from repro.settings import load_params, shard, table_contract
from scripts.biggs_bounds import bounds, evaluation, model, steps, training
from scripts.biggs_bounds.certify import certify
from scripts.biggs_bounds.model import Network
from scripts.biggs_bounds.runs import cifar_networks, networks
from scripts.biggs_bounds.steps import Descent
from tests.unit.biggs_tables import image_folders

BETA = 5.0
KEYS = list(networks.KEYS)


def toy(n: int = 60, dim: int = 8, n_classes: int = 4) -> tuple[Network, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.nn.functional.normalize(torch.rand(n, dim, generator=generator), dim=1)
    labels = (x @ torch.randn(dim, n_classes, generator=generator)).argmax(dim=1)
    return model.initial_network(5, dim, n_classes, 0.1, generator), x, labels


def batch_of(x: torch.Tensor, labels: torch.Tensor, n_classes: int = 4) -> steps.Batch:
    return steps.mini_batches(x, labels, len(x), n_classes)[0]


def trained(network: Network, x: torch.Tensor, labels: torch.Tensor, descent: Descent, **rule: float) -> training.Trained:
    """One network trained by itself."""
    return training.train([network], x, labels, [descent], **rule)[0]


@pytest.mark.parametrize("name", ["shel", "gelu"])
def test_a_step_from_rest_is_the_learning_rate_times_autograds_gradient(name: str) -> None:
    network, x, labels = toy()
    weights = [part.double().requires_grad_() for part in network]
    activation = torch.erf if name == "shel" else torch.nn.functional.gelu
    scores = activation(BETA * x.double() @ weights[0].T) @ weights[1].T
    expected = torch.nn.functional.cross_entropy(scores, labels)
    expected.backward()
    motion = steps.at_rest([Network(*(part.detach() for part in weights))])
    before = steps.step(motion, batch_of(x.double(), labels), [Descent(name, BETA, 0.1, 0.9, 60)])
    assert torch.allclose(before[0], scores, rtol=1e-12)
    for mine, moved, theirs in zip(motion.at(0).velocity, motion.at(0).network, weights, strict=True):
        assert torch.allclose(mine, -0.1 * theirs.grad, rtol=1e-10, atol=1e-14)
        assert torch.allclose(moved, theirs + mine, rtol=1e-12)


def test_pixels_that_are_dark_in_a_mini_batch_change_nothing_but_the_work() -> None:
    """The last two columns are zero in the first mini-batch and lit in the second: same steps as with all columns."""
    network, x, labels = toy()
    x[:30, 6:] = 0
    batches = steps.mini_batches(x, labels, 30, 4)
    assert [batch.x.shape[1] for batch in batches] == [6, 8]
    trimmed, whole = steps.at_rest([network]), steps.at_rest([network])
    for at, batch in enumerate(batches):
        steps.step(trimmed, batch, [Descent("gelu", BETA, 0.1, 0.9, 30)])
        steps.step(whole, batch._replace(x=x[30 * at : 30 * (at + 1)]), [Descent("gelu", BETA, 0.1, 0.9, 30)])
    for mine, theirs in zip(trimmed.network, whole.network, strict=True):
        assert torch.allclose(mine, theirs, atol=1e-6)


@pytest.mark.parametrize("n_prior", [40, 45])
def test_a_prior_that_shares_the_first_epoch_is_the_one_trained_alone(n_prior: int) -> None:
    """Shared where a mini-batch ends with the prior's data (40 = 2 x 20), not where it does not (45)."""
    network, x, labels = toy()
    descent = Descent("shel", BETA, 0.1, 0.9, 20)
    found = trained(network, x, labels, descent, loss_stop=-np.inf, max_epochs=2, n_prior=n_prior)
    alone = trained(network, x, labels, descent, loss_stop=-np.inf, max_epochs=2)
    assert all(map(torch.equal, found.network, alone.network))
    assert (found.shared is None) == (n_prior == 45)
    args = [network], x[:n_prior], labels[:n_prior], [descent]
    [mine], [theirs] = (
        training.train_priors(*args, naive_bounds=lambda *_: [1.0], max_epochs=3, after_one=after and [after])
        for after in (found.shared, None)
    )
    assert mine.n_epochs == theirs.n_epochs == 3
    assert all(map(torch.equal, mine.last, theirs.last))


REFUSED = {
    "model": {"descent": {"model": "relu"}},
    "beta": {"descent": {"beta": 0.0}},
    "learning_rate": {"descent": {"learning_rate": -0.1}},
    "learning_rate nan": {"descent": {"learning_rate": np.nan}},
    "momentum": {"descent": {"momentum": 1.0}},
    "batch_size": {"descent": {"batch_size": 0}},
    "max_epochs": {"max_epochs": 0},
    "n_prior": {"n_prior": 60},
}


@pytest.mark.parametrize("case", REFUSED)
def test_training_refuses_what_makes_no_sense(case: str) -> None:
    network, x, labels = toy()
    changes = dict(REFUSED[case])
    descent = Descent("shel", BETA, 0.1, 0.9, 20)._replace(**changes.pop("descent", {}))
    with pytest.raises(ValueError, match=case.split(maxsplit=1)[0]):
        trained(network, x, labels, descent, **{"loss_stop": 0.1, "max_epochs": 2, **changes})


def test_training_that_diverges_is_an_error_not_a_network() -> None:
    network, x, labels = toy()
    x[7] = np.nan
    with pytest.raises(ValueError, match="diverged in epoch 1"):
        trained(network, x, labels, Descent("gelu", BETA, 0.1, 0.9, 20), loss_stop=0.1, max_epochs=5)


def test_a_prior_whose_bound_is_not_a_number_is_never_the_best() -> None:
    network, x, labels = toy()
    values = iter([0.5, np.nan, 0.6])
    with pytest.raises(ValueError, match="epoch 2"):
        training.train_priors(
            [network], x, labels, [Descent("shel", BETA, 0.1, 0.9, 20)], naive_bounds=lambda *_: [next(values)], max_epochs=3
        )


def test_an_epoch_is_torchs_heavy_ball_over_slices_in_file_order() -> None:
    network, x, labels = toy()
    descent = Descent("gelu", BETA, 0.1, 0.9, 25)
    weights = [part.clone().requires_grad_() for part in network]
    optimizer = torch.optim.SGD(weights, lr=0.1, momentum=0.9)
    for _ in range(3):
        for start in range(0, 60, 25):
            optimizer.zero_grad()
            scores = torch.nn.functional.gelu(BETA * x[start : start + 25] @ weights[0].T) @ weights[1].T
            loss = torch.nn.functional.cross_entropy(scores, labels[start : start + 25])
            loss.backward()
            optimizer.step()
    found = trained(network, x, labels, descent, loss_stop=-np.inf, max_epochs=3)
    assert (found.n_epochs, found.stopped) == (3, False)
    assert found.last_batch_loss == pytest.approx(loss.item(), rel=1e-4)
    for mine, theirs in zip(found.network, weights, strict=True):
        assert torch.allclose(mine, theirs, atol=1e-5)


def test_training_stops_at_the_first_epoch_below_the_loss() -> None:
    network, x, labels = toy()
    descent = Descent("shel", BETA, 0.1, 0.9, 20)
    losses = [trained(network, x, labels, descent, loss_stop=-np.inf, max_epochs=n).last_batch_loss for n in range(1, 9)]
    threshold = float(np.median(losses))
    first = int(np.argmax(np.array(losses) < threshold)) + 1
    found = trained(network, x, labels, descent, loss_stop=threshold, max_epochs=100)
    assert (found.n_epochs, found.stopped) == (first, True)
    assert first > 1


@pytest.mark.parametrize(
    ("naive", "cap", "n_epochs", "best"),
    [
        ([5, 4, 3, 3.5, 4, 1], 100, 5, 3),
        ([5, 3, 4, 3.5, 3.6, 3.7], 100, 6, 4),
        ([5, 4, 4, 4.5, 5, 9], 100, 5, 3),
        ([5, 3, 4, 3.5, 6], 4, 4, 2),
    ],
    ids=["rises twice", "an earlier one was better", "equal is no rise", "at the cap the smallest"],
)
def test_the_prior_is_the_one_before_two_rises(naive: list[float], cap: int, n_epochs: int, best: int) -> None:
    network, x, labels = toy()
    descent = Descent("shel", BETA, 0.1, 0.9, 20)
    values = iter(naive)
    [priors] = training.train_priors([network], x, labels, [descent], naive_bounds=lambda *_: [next(values)], max_epochs=cap)
    assert priors.n_epochs == n_epochs
    for prior, epochs in ((priors.best, best), (priors.last, n_epochs)):
        expected = trained(network, x, labels, descent, loss_stop=-np.inf, max_epochs=epochs).network
        assert all(map(torch.equal, prior, expected))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return image_folders(tmp_path_factory.mktemp)


def smoke(run: str) -> dict:
    return {**load_params("biggs_bounds", run, "smoke"), "seed_offset": 0}


@pytest.fixture(scope="module")
def tables(folders: dict[str, Path]) -> dict[str, pd.DataFrame]:
    return networks.compute(smoke("networks"), folders)


def test_smoke_tables_keep_their_contract(tables: dict[str, pd.DataFrame], folders: dict[str, Path]) -> None:
    cifar = cifar_networks.compute(smoke("cifar_networks"), folders)
    for name, frame in {**tables, **cifar}.items():
        columns = table_contract("biggs_bounds", name)["columns"]
        assert set(frame) == set(columns), name
        for column, spec in columns.items():
            if isinstance(spec["type"], list):
                assert set(frame[column]) <= set(spec["type"]), column
            if "?" not in spec["type"]:
                assert frame[column].notna().all(), column
    assert len(tables["network"]) == 10
    assert tables["bound"]["sigma_hidden"].isna().equals(tables["bound"]["model"] == "shel")
    assert set(tables["network"]["n_train"]) == {400}, "counts are capped by what there is"


def test_reported_bounds_follow_from_their_rows(tables: dict[str, pd.DataFrame]) -> None:
    for row in tables["bound"].itertuples():
        kappa = bounds.complexity(row.model, BETA, (row.hidden_distance, row.output_distance), row.sigma_hidden, row.sigma_output)
        assert row.complexity == pytest.approx(float(kappa))
        upper = row.stochastic_error + np.sqrt(np.log(100) / (2 * 2 * row.n_bound))
        expected = bounds.final_bound(upper, row.complexity, row.n_bound, n_union=row.n_union, delta=row.delta)
        assert row.bound == pytest.approx(expected)
        assert row.n_bound == (160 if "coupled" in row.kind else 400)


def test_any_split_of_the_blocks_gives_the_same_rows(tables: dict[str, pd.DataFrame], folders: dict[str, Path]) -> None:
    p = smoke("networks")
    parts = [networks.compute(shard(p, "blocks", i, 3), folders) for i in range(3)]
    for name, whole in tables.items():
        joined = pd.concat([part[name] for part in parts], ignore_index=True)
        stable = whole.columns.drop("seconds", errors="ignore")
        pd.testing.assert_frame_equal(joined[stable], whole[stable])


def test_another_seed_offset_gives_other_networks(tables: dict[str, pd.DataFrame], folders: dict[str, Path]) -> None:
    shifted = networks.compute({**smoke("networks"), "seed_offset": 7}, folders)["network"]
    assert set(shifted["seed"]) == {8}
    assert not np.isclose(shifted["last_batch_loss"], tables["network"]["last_batch_loss"]).any()


def test_a_network_learns_and_random_labels_are_not_learnt(folders: dict[str, Path]) -> None:
    p = smoke("networks")
    p |= {"max_epochs": 40, "blocks": [{**block, "fixed_epochs": None} for block in p["blocks"][1:]]}
    errors = networks.compute(p, folders)["network"].set_index("labels")["test_error"]
    assert errors["original"] < 0.1
    assert errors["random"] > 0.5


def test_the_paper_preset_trains_the_published_grids() -> None:
    """1,200 momentum networks, 360 of plain SGD, 120 of other sizes, 10 with random labels; each once."""
    grid = pd.DataFrame(networks.networks_of(load_params("biggs_bounds", "networks", "paper")))[KEYS]
    assert not grid.duplicated().any()
    random = grid["labels"] == "random"
    plain, small = grid["momentum"] == 0, grid["n_train"] < 60000
    assert [len(grid), random.sum(), plain.sum(), small.sum()] == [1690, 10, 360, 120]
    main = grid[~random & ~plain & ~small]
    assert (main.groupby(["dataset", "model", "width", "learning_rate"]).size() == 10).all()
    assert set(main["width"]) == {50, 100, 200, 400, 800, 1600}
    assert set(main["learning_rate"]) == {0.1, 0.03, 0.01, 0.003, 0.001}
    assert set(grid[plain]["batch_size"]) == {1000}


def test_pixels_are_ordered_by_use_and_the_weights_with_them(folders: dict[str, Path]) -> None:
    """The preactivations at the start are those of the images and weights in their own order."""
    data = evaluation.load(folders["mnist"])
    pixels = np.load(folders["mnist"] / "train_images.npy").reshape(400, -1).astype(np.float64)
    lit = (pixels > 0).sum(axis=0)[data.pixels]
    assert (np.diff(lit) <= 0).all()
    expected = pixels / np.linalg.norm(pixels, axis=1, keepdims=True)
    assert np.allclose(data.x, expected[:, data.pixels], atol=1e-7)
    hidden = model.initial_network(3, 36, 10, 0.1, torch.Generator().manual_seed(5)).hidden
    s = {**next(networks.networks_of(smoke("networks"))), "width": 3}
    [run] = evaluation.fits(data, [s], [5], [lambda _: torch.Generator().manual_seed(1)])
    assert torch.equal(run.initial.hidden, hidden[:, data.pixels])


def test_one_call_gives_the_bounds_of_one_network(tables: dict[str, pd.DataFrame], folders: dict[str, Path]) -> None:
    p = smoke("networks")
    small = {name: p[name] for name in ("sigma_hidden", "sigma_output", "n_passes", "max_epochs", "n_draws")}
    found = certify("gelu", "mnist", width=20, learning_rate=0.1, n_train=2000, zero_prior=True, folder=folders["mnist"], **small)
    row = (tables["bound"]["model"] == "gelu") & (tables["bound"]["width"] == 20) & (tables["bound"]["dataset"] == "mnist")
    expected = tables["bound"][row].set_index("kind")
    pd.testing.assert_series_equal(found["bound"], expected["bound"])
    assert found["test_error"].between(0, 1).all()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"model": "relu"}, "model"),
        ({"dataset": "cifar10"}, "dataset"),
        ({"widht": 50}, "parameter"),
        ({"labels": "shuffled"}, "labels"),
        ({"prior_share": 1.0}, "prior_share"),
        ({"width": 0}, "width"),
        ({"n_passes": 0}, "n_passes"),
        ({"n_draws": 0}, "n_draws"),
        ({"sigma_output": [0.1, -0.1]}, "sigma_output"),
        ({"model": "gelu", "learning_rate": 1e30}, "diverged"),
    ],
)
def test_one_call_refuses_what_makes_no_sense(changes: dict, named: str, folders: dict[str, Path]) -> None:
    small = {"max_epochs": 3, "n_passes": 2, "n_draws": 2, "fixed_epochs": 3, "folder": folders["mnist"]}
    with pytest.raises(ValueError, match=named):
        certify(**{**small, **changes})
