"""Claims of brutzkus_patches judge what they say, and its figures are drawn from any table that keeps its contract."""

import importlib

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.frames import tidy
from repro.settings import figure_about, load_paper, load_params
from scripts.brutzkus_patches import claims, measures
from tests.unit.drawn import draw

PAPER = "brutzkus_patches"
CLAIMS = load_paper(PAPER)["claims"]
FIGURES = load_paper(PAPER)["figures"]
EPOCHS = np.array([8, 9, 10])


def scores(rows):
    """Test and training rows of three epochs; the accuracy given is the largest on test images."""
    frames = []
    for row in rows:
        accuracy = row["accuracy"] + np.array([-0.01, 0.0, -0.005])
        values = {key: value for key, value in row.items() if key != "accuracy"}
        frames.append(tidy({"epoch": EPOCHS}, accuracy=accuracy, split="test", loss=1.3).assign(**values))
        frames.append(tidy({"epoch": EPOCHS}, accuracy=accuracy + 0.2, split="train", loss=0.7).assign(**values))
    return pd.concat(frames, ignore_index=True).assign(n_train=4000)


def hard(preset):
    """Accuracies of Φ_hard by dictionary, and along both sweeps, at every variant of a preset."""
    by_dictionary = {"gaussian": 0.49, "sampled": 0.53, "clustered": 0.58}
    by_nearest, by_size = {1: 0.53, 32: 0.55, 64: 0.57, 120: 0.25}, {16: 0.45, 32: 0.49, 64: 0.55, 256: 0.6}
    rows = []
    for variant in load_params(PAPER, "hard_features", preset)["variants"]:
        for k in variant["n_nearest"]:
            for seed in variant["seeds"]:
                accuracy = by_dictionary[variant["dictionary"]] if variant["whitened"] else 0.42
                accuracy = by_size.get(variant["n_centroids"], by_nearest.get(k, accuracy) if variant["n_centroids"] == 128 else accuracy)
                keys = {name: variant[name] for name in ("dictionary", "whitened", "n_centroids", "pooled", "bottleneck")}
                rows.append({**keys, "n_nearest": k, "seed": seed, "accuracy": accuracy + 0.002 * seed})
    return scores(rows)


def filters(preset):
    by_model = {"none": 0.52, "gaussian": 0.5, "clustered": 0.54}
    rows = []
    for variant in load_params(PAPER, "learned_filters", preset)["variants"]:
        for k in variant["n_nearest"] or [None]:
            for seed in variant["seeds"]:
                keys = {name: variant[name] for name in ("model", "dictionary", "n_centroids", "pooled", "bottleneck")}
                rows.append({**keys, "n_nearest": k, "seed": seed, "accuracy": by_model[variant["dictionary"]] + 0.001 * seed})
    return scores(rows)


def depth():
    rows = [
        ("hard", 1, "none", 1e-3, 0.58),
        ("hard", 2, "hard", 1e-3, 0.35),
        ("hard", 2, "hard", 1.0, 0.58),
        ("full", 2, "hard", 1e-3, 0.57),
        ("full", 1, "none", 1e-3, 0.7),
        ("full", 2, "full", 1e-3, 0.75),
        ("cnn", 1, "none", np.nan, 0.6),
        ("cnn", 2, "none", np.nan, 0.65),
        ("cnn_layerwise", 1, "none", np.nan, 0.6),
    ]
    names = ("model", "depth", "lower_model", "whitening_epsilon", "accuracy")
    return scores([{**dict(zip(names, row, strict=True)), "seed": seed} for row in rows for seed in (0, 1)])


def of_preset(table, preset):
    """At quick the second layer of both models stands on masks; at paper on itself."""
    on_itself = (table["model"] == "full") & ((table["lower_model"] == "full") | (table["depth"] == 1))
    if preset == "quick":
        return table[~on_itself & table["model"].isin(["hard", "full"])]
    return table[on_itself | (table["model"].ne("full") & ~(table["whitening_epsilon"] > 0.5))]


def distances():
    numbers = np.array([2, 4, 8, 16, 32, 64, 128, 256, 512])
    curves = {
        "original": 0.25 * numbers**-0.09,
        "whitened": 0.88 * numbers**-0.04,
        "whitened_shuffled": 1.0 * numbers**-0.03,
        "shuffled": 0.31 * numbers**-0.02,
        "random": 1.03 * numbers**-0.025,
    }
    axes = {"patch_kind": list(curves), "n_centroids": numbers, "seed": [0]}
    values = np.stack(list(curves.values()))[:, :, None]
    return tidy(axes, mean_distance=values, mean_squared_distance=values**2, n_patches=19_800)


def covers():
    sizes, dims, seeds = np.array([8, 16, 32, 64, 128, 256]), np.array([2, 4, 8, 16]), [0, 1, 2]
    slope = -1 / (dims - 1.0)
    radius = 2 * sizes ** slope[:, None, None] * (1 + 0.01 * np.arange(3))[:, None]
    error = 0.7 * np.stack([(radius / 2), 0.8 * (radius / 2) ** 1.5], axis=-1)
    axes = {"intrinsic_dim": dims, "seed": seeds, "n_centroids": sizes}
    return tidy(axes, cover_radius=radius), tidy({**axes, "model": ["hard", "full"]}, relative_error=error)


@pytest.fixture(scope="module", params=["quick", "paper"])
def preset(request):
    return request.param


@pytest.fixture(scope="module")
def ideal():
    """Tables of each preset in which every claim holds."""
    cover, error = covers()
    pictures = {"filter_kind": ["vanilla_kernel", "centroid_pixel", "centroid_zca"], "filter_index": range(64)}
    pictures |= {"channel": range(3), "pixel_row": range(5), "pixel_column": range(5)}
    maps = [
        {"linear_map": name, "n_centroids": 32, "n_nearest": 8, "seed": 0, "accuracy": 0.4} for name in ("unconstrained", "constrained")
    ]
    shared = {
        "centroid_distance": distances(),
        "cover_radius": cover,
        "predictor_error": error,
        "filters": tidy(pictures, value=0.5, bottleneck_norm=1.0),
        "linear_map_accuracy": scores(maps),
    }
    return {
        preset: {**shared, "hard_accuracy": hard(preset), "filter_accuracy": filters(preset), "depth_accuracy": of_preset(depth(), preset)}
        for preset in ("quick", "paper")
    }


def verdicts(tables, preset, only=None):
    """Verdict of every (claim, part) that the preset judges, or of those of one claim."""
    asked = [claim for claim in CLAIMS if only in (None, claim["claim"])]
    judged = judge(PAPER, vars(claims), asked, tables, base_preset=preset, published=load_paper(PAPER)["published"])
    return judged.set_index(["claim", "part"])


def test_ideal_tables_reproduce_every_claim(ideal, preset):
    judged = verdicts(ideal[preset], preset)
    asked = {claim["claim"] for claim in CLAIMS if preset in claim["presets"]}
    found = judged[judged.index.get_level_values(0).isin(asked)]
    assert found[found["verdict"] != REPRODUCED][["measured", "note"]].to_dict("index") == {}


CLUSTERED = "dictionary == 'clustered' and whitened"
DOCTORED = [  # claim, part, table, rows, column, factor
    ("B1", "whitened_shuffled_gap", "centroid_distance", "patch_kind == 'whitened_shuffled' and n_centroids == 8", "mean_distance", 0.85),
    ("B1", "random_gap", "centroid_distance", "patch_kind == 'random' and n_centroids == 512", "mean_distance", 0.75),
    ("B1", "shuffled_gap", "centroid_distance", "patch_kind == 'original' and n_centroids == 64", "mean_distance", 1.7),
    ("B1_shuffled", "gap", "centroid_distance", "patch_kind == 'whitened_shuffled' and n_centroids == 8", "mean_distance", 1.05),
    ("B2", "slope_ratio", "centroid_distance", "patch_kind == 'original' and n_centroids >= 128", "mean_distance", 1.3),
    ("B3", "gain", "hard_accuracy", "dictionary == 'gaussian'", "accuracy", 1.2),
    ("B4", "gain", "filter_accuracy", "dictionary == 'gaussian'", "accuracy", 1.06),
    ("B5", "gain", "filter_accuracy", "model == 'vanilla'", "accuracy", 1.1),
    ("B6", "loss_without_whitening", "hard_accuracy", "not whitened", "accuracy", 1.3),
    ("B7", "gain", "hard_accuracy", "dictionary == 'sampled'", "accuracy", 1.07),
    ("B8", "above_one", "hard_accuracy", "n_nearest == 1", "accuracy", 1.05),
    ("B8", "above_most", "hard_accuracy", "n_nearest == 120", "accuracy", 1.8),
    ("B10", "gain", "hard_accuracy", "n_centroids == 256", "accuracy", 0.94),
    ("B10", "smallest_step", "hard_accuracy", "n_centroids == 64 and pooled and bottleneck", "accuracy", 0.8),
    ("B11", "implied_dimension", "cover_radius", "intrinsic_dim == 4 and n_centroids >= 64", "cover_radius", 0.7),
    ("B11_eight", "slope_ratio", "cover_radius", "intrinsic_dim == 8 and n_centroids >= 64", "cover_radius", 0.85),
    (
        "B12",
        "error_ratio",
        "predictor_error",
        "model == 'full' and intrinsic_dim == 16 and n_centroids == 8 and seed == 2",
        "relative_error",
        2.0,
    ),
    ("B12", "exponent_ratio_two", "predictor_error", "model == 'full' and intrinsic_dim == 2 and n_centroids >= 64", "relative_error", 0.3),
    (
        "B12",
        "exponent_ratio_four",
        "predictor_error",
        "model == 'hard' and intrinsic_dim == 4 and n_centroids >= 64",
        "relative_error",
        0.7,
    ),
    ("B13", "gain", "depth_accuracy", "model == 'full' and depth == 2", "accuracy", 0.9),
    ("B14", "gain", "depth_accuracy", "model == 'full' and depth == 2", "accuracy", 0.75),
    ("B15", "gap", "depth_accuracy", "whitening_epsilon > 0.5", "accuracy", 0.7),
]


def test_every_part_is_doctored():
    parts = {(claim["claim"], part["part"]) for claim in CLAIMS for part in claim["parts"]}
    assert {(claim, part) for claim, part, *_ in DOCTORED} == parts


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_doctored_table_is_not_reproduced(ideal, case):
    claim, part, table, condition, column, factor = case
    judged_at = next(entry["presets"][0] for entry in CLAIMS if entry["claim"] == claim)
    tables = ideal[judged_at]
    doctored = tables[table].copy().reset_index(drop=True)
    rows = doctored.query(condition).index
    assert len(rows)
    doctored.loc[rows, column] *= factor
    assert verdicts({**tables, table: doctored}, judged_at, claim).loc[(claim, part), "verdict"] == NOT_REPRODUCED


@pytest.mark.parametrize(
    ("claim", "table", "condition"),
    [
        ("B1", "centroid_distance", "patch_kind != 'whitened'"),
        ("B2", "centroid_distance", "n_centroids < 32"),
        ("B3", "hard_accuracy", "dictionary != 'gaussian'"),
        ("B5", "filter_accuracy", "model != 'vanilla'"),
        ("B6", "hard_accuracy", "whitened"),
        ("B7", "hard_accuracy", "dictionary != 'sampled' or seed == 1"),
        ("B8", "hard_accuracy", "n_nearest != 8"),
        ("B10", "hard_accuracy", "n_centroids != 256"),
        ("B11", "cover_radius", "intrinsic_dim != 4"),
        ("B12", "predictor_error", "n_centroids < 32"),
        ("B15", "depth_accuracy", "whitening_epsilon < 0.5"),
    ],
)
def test_missing_rows_leave_a_claim_not_judged(ideal, claim, table, condition):
    tables = ideal["quick"]
    judged = verdicts({**tables, table: tables[table].query(condition)}, "quick", claim).loc[claim]
    assert NOT_JUDGED in set(judged["verdict"])
    assert NOT_REPRODUCED not in set(judged["verdict"])


@pytest.mark.parametrize(
    ("table", "condition", "column", "touched"),
    [
        ("hard_accuracy", "dictionary == 'clustered' and n_centroids == 128 and n_nearest == 16", "accuracy", {"B3", "B5", "B7", "B10"}),
        ("filter_accuracy", "dictionary == 'gaussian' and seed == 1", "accuracy", {"B4"}),
        ("centroid_distance", "patch_kind == 'random' and n_centroids == 32", "mean_distance", {"B1", "B1_shuffled"}),
        ("cover_radius", "intrinsic_dim == 2 and seed == 1 and n_centroids == 32", "cover_radius", {"B11"}),
        ("predictor_error", "intrinsic_dim == 16 and seed == 1 and n_centroids == 32", "relative_error", {"B12"}),
    ],
)
def test_what_is_no_number_is_never_good_news(ideal, table, condition, column, touched):
    tables = ideal["quick"]
    holes = tables[table].copy().reset_index(drop=True)
    rows = holes.query(condition).index
    holes.loc[rows[:1] if table == "hard_accuracy" else rows, column] = np.nan
    judged = verdicts({**tables, table: holes}, "quick")
    asked = judged[judged["note"] != "judged at preset paper only"]
    assert set(asked.index[asked["verdict"] == NOT_JUDGED].get_level_values(0)) == touched


def test_gains_are_over_shared_seeds_with_their_standard_error():
    better = pd.DataFrame({"seed": [0, 1, 2], "accuracy": [0.5, 0.6, 0.9]})
    worse = pd.DataFrame({"seed": [1, 0], "accuracy": [0.5, 0.3]})
    found = measures.gain(better, worse)
    assert (found.value, found.n) == (pytest.approx(0.15), 2)
    assert found.std_error == pytest.approx(0.05)


def test_a_slope_of_logarithms_is_the_exponent():
    assert measures.slope([16, 32, 64], 3 * np.array([16.0, 32, 64]) ** -0.7) == pytest.approx(-0.7)
    assert np.isnan(measures.slope([16, 32], [1.0, 0.0]))


def first_seed(table):
    return table[table["seed"] == table["seed"].min()].reset_index(drop=True) if "seed" in table else table


@pytest.mark.parametrize("name", FIGURES)
def test_panels_drawn_from_a_single_seed_name_their_axes(ideal, preset, name):
    for ax in draw(PAPER, name, {table: first_seed(ideal[preset][table]) for table in FIGURES[name]["tables"]}, preset).axes:
        assert ax.images or (ax.get_xlabel() or ax.get_xticklabels()), ax.get_title(loc="left")


@pytest.mark.parametrize("name", FIGURES)
def test_every_claim_that_names_a_figure_has_its_bounds_read_for_it(ideal, preset, name, monkeypatch):
    from repro import figures, panels

    module = importlib.import_module(f"scripts.{PAPER}.figures.{name}")
    asked = set()

    def bounds(about, claim, part):
        asked.add(claim)
        return figures.bounds(about, claim, part)

    for place in (module, panels):
        monkeypatch.setattr(place, "bounds", bounds, raising=False)
    module.draw({table: ideal[preset][table] for table in FIGURES[name]["tables"]}, figure_about(PAPER, name, preset))
    assert asked == {claim["claim"] for claim in CLAIMS if name in claim["figures"] and preset in claim["presets"]}
