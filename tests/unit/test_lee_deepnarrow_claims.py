"""Claims of lee_deepnarrow judge what they say, and its figures are drawn from any table that keeps its contract."""

import math

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.frames import tidy
from repro.settings import load_paper
from scripts.lee_deepnarrow import claims, measures
from tests.unit.drawn import draw

PAPER = "lee_deepnarrow"
CLAIMS = load_paper(PAPER)["claims"]
FIGURES = load_paper(PAPER)["figures"]
DEEP = "model == 'deep_narrow'"
HE = "model == 'he_uniform' and learning_rate == 0.1"

DOCTORED = [  # claim, part, table, rows, column, factor
    ("C1", "first_decade", "initial_kernel_error", "depth == 100", "error", 1.2),
    ("C1", "second_decade", "initial_kernel_error", "depth == 10000", "error", 1.4),
    ("C3", "smallest_ratio", "kernel_fluctuation", "depth == 1000 and method == 'simulation'", "scaled_std", 0.96),
    ("C3", "largest_ratio", "kernel_fluctuation", "depth == 100 and method == 'simulation'", "scaled_std", 1.04),
    ("C4", "smallest_ratio", "kernel_drift", "scale == 400", "drift", 5),
    ("C4b", "scale_exponent", "kernel_drift", "scale == 400", "drift", 0.3),
    ("C4b", "largest_drift", "kernel_drift", "depth == 400", "drift", 3),
    ("C4b", "depth_exponent", "kernel_drift", "depth == 400", "drift", 3),
    ("C5", "smallest_ratio", "kernel_drift", "depth == 400", "deviation", 2.5),
    ("C5b", "smallest_loss_ratio", "kernel_drift", "scale == 100", "final_loss", 0.6),
    ("C5b", "largest_loss_ratio", "kernel_drift", "depth == 400", "final_loss", 1.5),
    ("C5b", "deviation", "kernel_drift", "scale == 400", "deviation", 10),
    ("C7", "loss", "mlp_final", f"{DEEP} and depth == 400 and split == 'train'", "loss", 1.6),
    ("C7", "accuracy", "mlp_final", f"{DEEP} and depth == 400 and split == 'test'", "accuracy", 0.1),
    ("C7b", "loss", "mlp_final", f"{DEEP} and depth == 400 and split == 'train'", "loss", 1.2),
    ("C7b", "accuracy", "mlp_final", f"{DEEP} and depth == 400 and split == 'test'", "accuracy", 0.7),
    ("C8", "deviation", "mlp_final", f"{DEEP} and depth == 100 and split == 'train'", "deviation", 3),
    ("C9", "smallest_loss", "mlp_final", f"{HE} and split == 'train'", "loss", 0.9),
    ("C9b", "largest_accuracy", "mlp_final", f"{HE} and split == 'test'", "accuracy", 3),
    ("C10", "loss", "cnn_evaluation", f"{DEEP} and split == 'train'", "loss", 5),
    ("C10", "accuracy", "cnn_evaluation", f"{DEEP} and split == 'test' and step >= 150", "accuracy", 0.5),
    ("C10b", "loss", "cnn_evaluation", f"{DEEP} and split == 'train'", "loss", 2),
    ("C10b", "accuracy", "cnn_evaluation", f"{DEEP} and split == 'test' and step >= 150", "accuracy", 0.8),
    ("C11", "drift", "kernel_drift", "scale == 1", "drift", 0.2),
    ("C11", "drift_ratio", "kernel_drift", "scale == 1", "drift", 0.1),
    ("C11", "deviation_ratio", "kernel_drift", "scale == 1", "deviation", 0.1),
    ("C12", "entries", "cnn_kernel_draws", "depth == 100 and image == 0 and other_image == 1", "kernel", 1.05),
    ("C12", "contrasts", "cnn_kernel_draws", "depth == 1000 and image == 2 and other_image == 2", "kernel", 1.01),
    ("C12b", "excess", "cnn_kernel_draws", "depth == 1000 and scale == 30", "kernel", 1.02),
    ("C13", "above", "stability", "model == 'limit_kernel' and relative_learning_rate > 3", "final_loss", 1e-79),
    ("C13", "below", "stability", "model == 'limit_kernel' and relative_learning_rate < 1", "final_loss", 1.1),
]


def circle_tables():
    """Networks on the circle that keep the laws of the theory, ten seeds that scatter little."""
    settings = [(30, 20.0), (100, 1.0), (100, 5.0), (100, 20.0), (100, 100.0), (100, 400.0), (400, 20.0)]
    seeds, angles, spread = np.arange(10), np.linspace(0.1, 1.5, 8), 1 + 0.01 * np.arange(10)
    drifts, kernels, outputs, losses = [], [], [], []
    for depth, scale in settings:
        drift, deviation = 0.12 / scale * (2.5 if scale == 1 else 1), 0.04 / np.sqrt(depth) * (25 if scale == 1 else 1)
        keys = {"depth": depth, "scale": scale}
        drifts.append(
            tidy({"seed": seeds}, drift=drift * spread, final_loss=3.4e-3, kernel_gd_loss=3.4e-3, deviation=deviation * spread, **keys)
        )
        axes = {"step": [0, 300], "seed": seeds, "angle": angles}
        kernels.append(tidy(axes, method="simulation", kernel=2.5 * spread[None, :, None], **keys))
        outputs.append(tidy({"seed": seeds, "angle": angles}, method="simulation", output=0.4, **keys))
        losses.append(tidy({"seed": seeds, "step": [0, 5, 300]}, method="simulation", loss=np.array([0.1, 0.02, 0.003]), **keys))
    nothing = {"depth": math.nan, "scale": math.nan, "seed": math.nan}
    kernels.append(tidy({"angle": angles}, method="theory", kernel=2.5, step=math.nan, **nothing))
    outputs += [tidy({"angle": angles}, method=method, output=0.4, **nothing) for method in ("theory", "target")]
    losses.append(tidy({"step": [0, 5, 300]}, method="theory", loss=np.array([0.1, 0.02, 0.003]), **nothing))
    names = ("kernel_drift", "scaled_ntk", "learned_function", "circle_loss")
    return {name: pd.concat(frames, ignore_index=True) for name, frames in zip(names, (drifts, kernels, outputs, losses), strict=True)}


def kernel_tables():
    """Kernels at the start: errors and spreads as the laws say, draws of the CNN around their exact mean."""
    depths, seeds = np.array([100, 1000, 10000]), np.arange(20)
    errors = tidy({"depth": depths, "seed": seeds}, scale=20.0, error=1.5 / np.sqrt(depths)[:, None] * (1 + 0.02 * seeds))
    spreads = [
        tidy({"depth": [10, 100, 1000]}, method=method, scale=20.0, n_seeds=n, scaled_std=1.677)
        for method, n in (("simulation", 1e4), ("theory", math.nan))
    ]
    images, (first, second) = 4, np.triu_indices(4)
    limit = 11 + np.diag(np.full(images, 0.5))
    common, own = np.random.default_rng(0).standard_normal((2, 200))
    common, own = ((each - each.mean()) / each.std() for each in (common, own))
    draws, means = [], []
    for depth in (100, 1000):
        for scale in (5.0, 30.0):
            exact = limit + 1 / scale**2
            noise = (0.7 * common[:, None, None] + 0.02 * own[:, None, None] * np.eye(images)) * 10 / depth
            keys = {"depth": depth, "scale": scale}
            pairs = {"image": first, "other_image": second}
            for seed, kernel in enumerate(exact + noise):
                draws.append(pd.DataFrame({**keys, "seed": seed, **pairs, "kernel": kernel[first, second]}))
            means.append(pd.DataFrame({**keys, **pairs, "expected": exact[first, second], "limit": limit[first, second]}))
    return {
        "initial_kernel_error": errors,
        "kernel_fluctuation": pd.concat(spreads, ignore_index=True),
        "cnn_kernel_draws": pd.concat(draws, ignore_index=True),
        "cnn_kernel_mean": pd.concat(means, ignore_index=True),
    }


def mlp_tables():
    """MLPs on MNIST: deep narrow ones train, standard ones do not."""
    nothing = {"depth": math.nan, "scale": math.nan, "learning_rate": math.nan, "deviation": math.nan}
    splits = {"split": ["train", "test"]}

    def final(model, loss, accuracy, **keys):
        return tidy(splits, **nothing | {"model": model, "loss": loss, "accuracy": accuracy, "seed": 0, "n_steps": 60} | keys)

    rates = [1e-4, 1e-3, 0.01, 0.1, 1.0]
    he_losses = [0.2, 0.12, 0.092, 0.09, math.inf]
    rows = [final("constant", 0.09, 0.11, n_steps=0)]
    rows += [final("deep_narrow", 0.063, 0.64, depth=depth, scale=4.0, learning_rate=1e-4, deviation=0.0015) for depth in (100, 400)]
    rows += [final("limit_kernel", 0.063, 0.64, depth=depth) for depth in (100, 400)]
    rows += [final("he_uniform", loss, 0.1, depth=400, learning_rate=rate) for rate, loss in zip(rates, he_losses, strict=True)]
    rows += [final("framework_default", 0.0901, 0.1, depth=400, learning_rate=0.1)]
    of_model = {"deep_narrow": (100, 400), "limit_kernel": (math.nan,), "he_uniform": (400,), "framework_default": (400,)}
    curves = [
        tidy({"step": range(60)}, model=model, depth=depth, scale=4.0, learning_rate=0.1, scaled_learning_rate=0.5, seed=0, loss=0.09)
        for model, depths in of_model.items()
        for depth in depths
    ]
    return {"mlp_final": pd.concat(rows, ignore_index=True), "mlp_curves": pd.concat(curves, ignore_index=True)}


def cnn_tables():
    """CNN on two digits, which trains and swings."""
    steps = {"step": [0, 50, 100, 150, 200, 250]}
    losses, accuracies = np.array([0.5, 0.2, 0.15, 0.1, 0.12, 0.09]), np.array([0.45, 0.7, 0.75, 0.8, 0.78, 0.82])
    cnn = [
        tidy(
            steps, model="deep_narrow", n_classes=2, depth=100, seed=0, split=split, loss=losses, accuracy=accuracies, rounded_accuracy=0.5
        )
        for split in ("train", "test")
    ]
    constant = tidy(
        {"split": ["train", "test"]},
        model="constant",
        n_classes=2,
        loss=0.249,
        accuracy=0.55,
        rounded_accuracy=math.nan,
        **dict.fromkeys(("depth", "seed", "step"), math.nan),
    )
    minis = tidy({"step": range(250)}, n_classes=2, depth=100, scale=10.0, learning_rate=1e-5, scaled_learning_rate=0.09, seed=0, loss=0.2)
    return {"cnn_evaluation": pd.concat([*cnn, constant], ignore_index=True), "cnn_curves": minis}


def stability_table():
    steps, exact = np.array([0.5, 1.0, 2.46]), np.array([0.064, 1e20, 1e84])
    keys = {"depth": 100, "seed": 0, "relative_learning_rate": steps / 0.793}
    networks = [
        tidy(
            {"scaled_learning_rate": steps},
            model="deep_narrow",
            scale=scale,
            peak_loss=1.0,
            final_loss=np.array([0.064, 0.3, 11.0]),
            **keys,
        )
        for scale in (4.0, 40.0)
    ]
    kernel = tidy({"scaled_learning_rate": steps}, model="limit_kernel", scale=math.nan, peak_loss=exact, final_loss=exact, **keys)
    return pd.concat([*networks, kernel], ignore_index=True)


@pytest.fixture(scope="module")
def good():
    """Tables on which every claim holds."""
    return circle_tables() | kernel_tables() | mlp_tables() | cnn_tables() | {"stability": stability_table()}


def own_claim(tables, claim):
    (entry,) = [entry for entry in CLAIMS if entry["claim"] == claim]
    return judge(PAPER, vars(claims), [entry], tables, base_preset="quick").set_index("part")["verdict"]


def test_every_claim_holds_on_tables_that_keep_the_laws(good):
    found = judge(PAPER, vars(claims), CLAIMS, good, base_preset="quick").set_index(["claim", "part"])["verdict"]
    assert found[found != REPRODUCED].empty


def test_every_part_of_every_claim_is_fed_a_doctored_table():
    parts = [(claim["claim"], part["part"]) for claim in CLAIMS for part in claim["parts"]]
    assert [(claim, part) for claim, part, *_ in DOCTORED] == parts


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_doctored_table_is_not_reproduced(good, case):
    claim, part, table, condition, column, factor = case
    doctored = good[table].copy()
    rows = doctored.query(condition).index
    assert len(rows)
    doctored.loc[rows, column] *= factor
    assert own_claim(good | {table: doctored}, claim)[part] == NOT_REPRODUCED


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_not_a_number_or_a_missing_row_is_never_good_news(good, case):
    claim, part, table, condition, column, _ = case
    doctored = good[table].copy()
    doctored.loc[doctored.query(condition).index[:1], column] = np.nan
    assert own_claim(good | {table: doctored}, claim)[part] == NOT_JUDGED
    assert own_claim(good | {table: good[table].iloc[:0]}, claim)[part] == NOT_JUDGED


def test_standard_networks_that_all_diverge_do_not_train(good):
    table = good["mlp_final"].copy()
    table.loc[table["model"] == "he_uniform", "loss"] = math.inf
    assert own_claim(good | {"mlp_final": table}, "C9")["smallest_loss"] == REPRODUCED


def test_a_network_that_diverges_with_kernel_descent_does_not_survive(good):
    table = good["stability"].copy()
    table.loc[(table["model"] == "deep_narrow") & (table["scaled_learning_rate"] > 2), "final_loss"] = math.inf
    assert own_claim(good | {"stability": table}, "C13")["above"] == NOT_REPRODUCED
    table.loc[(table["model"] == "limit_kernel") & (table["scaled_learning_rate"] > 2), "final_loss"] = math.inf
    assert own_claim(good | {"stability": table}, "C13")["above"] == NOT_JUDGED


def test_noise_that_entries_share_does_not_reach_contrasts(good):
    both = good["cnn_kernel_draws"], good["cnn_kernel_mean"]
    entries, contrasts = measures.entries(*both), measures.contrasts(*both)
    first = contrasts.query("depth == 100 and scale == 5 and image == 0 and other_image == 1").iloc[0]
    assert first["limit"] == pytest.approx(1.0)
    assert first["std_error"] == pytest.approx(0.004 / np.sqrt(199), rel=1e-6)
    assert entries["std_error"].max() == pytest.approx(0.07 / np.sqrt(199), rel=0.05)


@pytest.mark.parametrize("name", FIGURES)
def test_figures_name_what_their_axes_show(good, name):
    fig = draw(PAPER, name, good)
    assert all(ax.get_xlabel() and (ax.get_ylabel() or ax.get_yticklabels()) for ax in fig.axes)
    letters = [ax.get_title(loc="left").split("$")[1] for ax in fig.axes]
    assert letters == [f"\\bf{{{letter}}}" for letter in "abcdefghi"[: len(letters)]]


def test_a_strip_shows_every_value_within_its_bounds(good):
    ax = draw(PAPER, "fig3_ntk", good).axes[-1]
    values = [x for x, _ in sorted(np.concatenate([line.get_xydata() for line in ax.get_lines()]).tolist(), key=lambda point: point[1])]
    assert len(ax.patches) == len(values) == 4
    for patch, value in zip(ax.patches, values, strict=True):
        assert patch.get_x() <= value <= patch.get_x() + patch.get_width()


def test_the_published_panels_draw_the_shallowest_and_the_deepest_network():
    from scripts.lee_deepnarrow.figures.drawing import shown_settings

    assert shown_settings(circle_tables()["kernel_drift"]) == [(30, 20.0), (400, 20.0)]
    published = pd.DataFrame({"depth": [100, 10000], "scale": [5.0, 50000.0]})
    assert shown_settings(published) == [(100, 5.0), (10000, 50000.0)]
