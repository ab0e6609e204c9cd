"""Claims of saxe_race judge what they say, and its figures are drawn from any table that keeps its contract."""

import importlib

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.frames import tidy
from repro.settings import figure_about, load_paper, load_params
from scripts.saxe_race import claims, measures, timing
from scripts.saxe_race.model import gate_matrix
from scripts.saxe_race.runs import learning_speed, pathway_race, routing_dynamics, xor_training
from tests.unit.drawn import draw, first_seed

PAPER = "saxe_race"
CLAIMS = load_paper(PAPER)["claims"]
FIGURES = load_paper(PAPER)["figures"]

SHARED_UNTRAINED = "model == 'shared' and split == 'untrained'"
AT_FOUR = "split == 'untrained' and n_trained_outputs == 4"
SIMULATED = "method == 'simulation'"
RANDOM = "initialization == 'random'"
DOCTORED = [  # claim, part, table, rows, column, factor
    ("R1", "deviation", "xor_loss", f"model == 'relu' and {SIMULATED}", "loss", 1.1),
    ("R2", "at_learning_rate", "xor_loss", f"model == 'gdln' and {SIMULATED} and learning_rate > 0.1", "loss", 1.1),
    ("R2", "at_refined_rate", "xor_loss", f"model == 'gdln' and {SIMULATED} and learning_rate < 0.1", "loss", 1.1),
    ("R3", "alignment", "xor_units", "seed == 1", "corner_cosine", 0.95),
    ("R4", "lowest", "xor_loss", "model == 'linear' and epoch == 50", "loss", 0.99),
    ("R4", "final", "xor_loss", "model == 'linear' and epoch == 100", "loss", 1.01),
    ("R5", "timing", "routing_half_times", f"mode == 2 and {SIMULATED}", "half_time", 1.01),
    ("R6", "start", "routing_loss", f"{RANDOM} and epoch == 0", "loss", 0.999),
    ("R6b", "first_plateau", "routing_loss", f"{RANDOM} and epoch == 100", "loss", 1.1),
    ("R6b", "second_plateau", "routing_loss", f"{RANDOM} and epoch == 200", "loss", 0.9),
    ("R6b", "end", "routing_loss", f"{RANDOM} and epoch == 499", "loss", 1000),
    ("R7", "hidden", "singular_values", f"{RANDOM} and epoch == 499 and layer == 'hidden' and mode == 1", "singular_value", 0.98),
    ("R7b", "smallest_excess", "singular_values", f"{RANDOM} and epoch == 499 and layer == 'encoder' and mode == 2", "singular_value", 0.9),
    ("R7b", "largest_excess", "singular_values", f"{RANDOM} and epoch == 499 and layer == 'encoder' and mode == 3", "singular_value", 1.1),
    ("R8", "drift", "singular_values", "initialization == 'decoupled' and epoch == 499 and layer == 'hidden'", "singular_value", 1.01),
    ("R9", "one_output", "zero_shot_error", f"{SHARED_UNTRAINED} and n_trained_outputs == 1", "error", 0.5),
    ("R9", "four_and_more", "zero_shot_error", f"{SHARED_UNTRAINED} and n_trained_outputs == 5", "error", 1000),
    ("R9b", "three_outputs", "zero_shot_error", f"{SHARED_UNTRAINED} and n_trained_outputs == 3", "error", 10),
    ("R9b", "four_and_more", "zero_shot_error", f"{SHARED_UNTRAINED} and n_trained_outputs == 9", "error", 1000),
    ("R9b", "trained", "zero_shot_error", "model == 'shared' and split == 'trained' and n_trained_outputs == 10", "error", 100),
    ("R10", "smallest_drop", "zero_shot_error", f"{SHARED_UNTRAINED} and n_trained_outputs == 2", "error", 0.1),
    ("R11", "three_outputs", "zero_shot_error", "model == 'private' and split == 'untrained' and n_trained_outputs == 3", "error", 0.99),
    ("R11", "six_outputs", "zero_shot_error", "model == 'private' and split == 'untrained' and n_trained_outputs == 6", "error", 1.02),
    ("R12", "smallest_rise", "scale_error", "split == 'untrained' and initial_scale == 1.58", "error", 0.1),
    ("R12", "lazy_end", "scale_error", "split == 'untrained' and initial_scale == 2.5", "error", 0.6),
    ("R12b", "factor", "scale_error", "split == 'untrained' and initial_scale == 0.66", "error", 0.3),
    ("R12b", "trained", "scale_error", "split == 'trained' and initial_scale == 2.04", "error", 1000),
    ("R13", "smallest_fall", "encoder_similarity", "initial_scale == 1.12", "cosine", 0.5),
    ("R13b", "rich", "encoder_similarity", "initial_scale == 0.2", "cosine", 0.99),
    ("R13b", "lazy", "encoder_similarity", "initial_scale == 2.5", "cosine", 2),
    ("R14", "crossing", "crossover", "n_domains == 16", "crossing_ratio", 1.01),
    ("R15", "smallest_rise", "shared_fraction", "n_domains == 8 and shared_init == 0.5", "fraction", 0.9),
    ("R16", "gap", "mnist_accuracy", "gain == 0.1 and split == 'untrained' and n_trained_outputs == 6", "accuracy", 0.9),
    ("R16", "accuracy", "mnist_accuracy", "gain == 0.1 and n_trained_outputs == 4", "accuracy", 0.8),
    ("R17", "smallest_rise", "mnist_accuracy", f"gain == 3 and {AT_FOUR}", "accuracy", 4),
    ("R17b", "gain_1", "mnist_accuracy", f"gain == 1 and {AT_FOUR}", "accuracy", 1.1),
    ("R17b", "gain_3", "mnist_accuracy", f"gain == 3 and {AT_FOUR}", "accuracy", 3),
    ("R18", "chance", "mnist_accuracy", "gain == 1 and split == 'untrained' and n_trained_outputs == 1", "accuracy", 3),
    ("R19", "below", "stability", "relative_learning_rate < 1 and seed == 1", "error", 1000),
    ("R19", "above", "stability", "relative_learning_rate > 1 and seed == 1", "error", 0.1),
    ("R20", "rise", "cifar10_accuracy", f"gain == 0.1 and {AT_FOUR}", "accuracy", 0.5),
    ("R20b", "rich_gap", "cifar10_accuracy", "gain == 0.1 and split == 'untrained' and n_trained_outputs == 6", "accuracy", 0.8),
    ("R20b", "lazy_gap", "cifar10_accuracy", f"gain == 1 and {AT_FOUR}", "accuracy", 1.5),
    ("R20b", "trained", "cifar10_accuracy", "gain == 1 and split == 'trained' and n_trained_outputs == 1", "accuracy", 0.5),
    ("R20c", "chance", "cifar10_accuracy", "gain == 0.1 and split == 'untrained' and n_trained_outputs == 1", "accuracy", 3),
    ("R21", "timing", "half_learning_times", f"n_domains == 4 and mode == 3 and {SIMULATED}", "half_time", 1.01),
]


def pair_errors():
    """Errors as the slides read."""
    untrained = {1: 215.0, 2: 87.0, 3: 10.0, **dict.fromkeys(range(4, 10), 0.01)}
    frames = [
        tidy(
            {"n_trained_outputs": untrained, "seed": range(2)},
            model="shared",
            split="untrained",
            error=np.array(list(untrained.values()))[:, None],
        ),
        tidy({"n_trained_outputs": range(1, 11), "seed": range(2)}, model="shared", split="trained", error=0.01),
        tidy({"n_trained_outputs": [3, 6], "seed": range(2), "split": ["untrained"]}, model="private", error=122.1),
    ]
    return pd.concat(frames, ignore_index=True).assign(n_domains=10, learning_rate=0.02)


def stability():
    relative = np.array([0.75, 0.95, 1.05])
    axes = {"relative_learning_rate": relative, "seed": range(2), "split": ["trained", "untrained"]}
    table = tidy(axes, error=np.array([1e-4, 1e-4, 2.0])[:, None, None], n_domains=10, n_trained_outputs=7)
    table.loc[(table["relative_learning_rate"] > 1) & (table["seed"] == 0), "error"] = np.inf
    return table.assign(learning_rate=0.019 * table["relative_learning_rate"])


def scale_tables():
    scales = np.array([0.2, 0.66, 1.12, 1.58, 2.04, 2.5])
    errors = np.array([[2.36, 0.38, 3.61, 21.4, 49.7, 92.4], [2.27, 0.02, 0.03, 0.005, 1e-3, 1e-3]])
    domains, items, seeds = range(7), range(4), range(2)
    similarity = tidy(
        {"initial_scale": scales, "seed": seeds, "input_domain": domains, "other_domain": domains},
        cosine=np.array([0.9995, 0.98, 0.95, 0.85, 0.6, 0.4])[:, None, None, None],
        norm_ratio=0.5,
    )
    panels = {"initial_scale": scales[[0, -1]], "input_domain": domains, "other_domain": domains, "item": items, "other_item": items}
    return {
        "scale_loss": tidy({"initial_scale": scales, "seed": seeds, "epoch": range(0, 700, 10)}, loss=1.0),
        "scale_error": tidy({"split": ["untrained", "trained"], "initial_scale": scales, "seed": seeds}, error=errors[:, :, None]),
        "encoder_similarity": similarity[similarity["input_domain"] != similarity["other_domain"]],
        "similarity_panels": tidy(panels, similarity=1.0),
    }


def accuracies(trained, untrained, n_outputs):
    """Accuracy by gain (rows) and K (columns); an earlier step at chance."""
    values = np.stack([np.broadcast_to(np.array(trained), np.shape(untrained)), untrained])[:, :, :, None, None]
    values = values * np.array([0.1, 1.0])
    gains = np.array([0.1, 1.0, 3.0])[: len(untrained)]
    axes = {"split": ["trained", "untrained"], "gain": gains, "n_trained_outputs": n_outputs, "seed": [1, 2], "step": [200, 800]}
    return tidy(axes, accuracy=values, loss=1.0, n_domains=8, width=64, learning_rate=0.1)


@pytest.fixture(scope="module")
def ideal():
    """Runs that cost little as they are, the others as the published readings have them."""
    tables = xor_training.compute({**load_params(PAPER, "xor_training", "quick"), "n_seeds": 2})
    tables |= routing_dynamics.compute({**load_params(PAPER, "routing_dynamics", "quick"), "n_seeds": 4, "log_every_random": 100})
    few = {"equal_inits": [0.2, 0.5], "n_ratios": 5, "crossover_inits": [4.0e-3], "crossing_tolerance": 1e-3}
    tables |= pathway_race.compute({**load_params(PAPER, "pathway_race", "quick"), **few})
    speeds = {"domains": [2, 4, 8, 16], "simulated_domains": []}
    exact = learning_speed.compute({**load_params(PAPER, "learning_speed", "quick"), **speeds})["half_learning_times"]
    simulated = exact[(exact["n_trained_outputs"] == exact["n_domains"]) & (exact["n_domains"] < 16)].copy()
    simulated["half_time"] += simulated["discretization_delay"] + 0.2
    simulated = simulated.assign(method="simulation", discretization_delay=np.nan)
    gate = tidy({"input_domain": range(7), "output_domain": range(7)}, is_trained=gate_matrix("plus_minus", 7, 4))
    return {
        **tables,
        **scale_tables(),
        "half_learning_times": pd.concat([exact, simulated], ignore_index=True),
        "zero_shot_error": pair_errors(),
        "stability": stability(),
        "gate_matrix": gate.assign(n_domains=7, n_trained_outputs=4),
        "mnist_accuracy": accuracies(0.85, [[0.1, 0.4, 0.85, 0.85], [0.1, 0.2, 0.78, 0.84], [0.1, 0.1, 0.2, 0.5]], [1, 2, 4, 6]),
        "cifar10_accuracy": accuracies(0.35, [[0.1, 0.34, 0.35], [0.1, 0.22, 0.31]], [1, 4, 6]),
    }


def verdicts(tables, only=None):
    """Verdict of every (claim, part), or of those of one claim."""
    asked = [claim for claim in CLAIMS if only in (None, claim["claim"])]
    judged = judge(PAPER, vars(claims), asked, tables, base_preset="quick", published=load_paper(PAPER)["published"])
    return judged.set_index(["claim", "part"])


def test_ideal_tables_reproduce_every_claim(ideal):
    judged = verdicts(ideal)
    assert judged[judged["verdict"] != REPRODUCED][["measured", "note"]].to_dict("index") == {}


def test_every_part_is_doctored():
    parts = {(claim["claim"], part["part"]) for claim in CLAIMS for part in claim["parts"]}
    assert {(claim, part) for claim, part, *_ in DOCTORED} == parts


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_doctored_table_is_not_reproduced(ideal, case):
    claim, part, table, condition, column, factor = case
    doctored = ideal[table].copy().reset_index(drop=True)
    rows = doctored.query(condition).index
    assert len(rows)
    doctored.loc[rows, column] *= factor
    assert verdicts({**ideal, table: doctored}, claim).loc[(claim, part), "verdict"] == NOT_REPRODUCED


@pytest.mark.parametrize(
    ("claim", "table", "condition"),
    [
        ("R5", "routing_half_times", "mode < 3"),
        ("R6b", "routing_loss", "epoch != 100 and epoch != 200 and epoch != 499"),
        ("R10", "zero_shot_error", "n_trained_outputs != 2"),
        ("R12b", "scale_error", "initial_scale < 0.5"),
        ("R17", "mnist_accuracy", "gain != 1"),
        ("R18", "mnist_accuracy", "n_trained_outputs > 1"),
        ("R19", "stability", "relative_learning_rate < 1"),
        ("R21", "half_learning_times", "n_domains != 8"),
    ],
)
def test_missing_rows_leave_a_claim_not_judged_or_failed(ideal, claim, table, condition):
    judged = verdicts({**ideal, table: ideal[table].query(condition)}, claim).loc[claim]
    assert NOT_JUDGED in set(judged["verdict"])
    assert REPRODUCED not in set(judged["verdict"])


def test_a_value_that_is_no_number_is_never_passed_over(ideal):
    table = ideal["mnist_accuracy"].copy()
    table.loc[(table["n_trained_outputs"] == 4) & (table["gain"] == 0.1) & (table["seed"] == 1), "accuracy"] = np.nan
    judged = verdicts({**ideal, "mnist_accuracy": table}).loc["R16"]
    assert (judged["verdict"] == NOT_JUDGED).all()


def test_means_carry_the_standard_error_over_seeds():
    table = pd.DataFrame({"seed": [0, 1, 2], "k": 1, "error": [1.0, 2.0, 3.0]})
    found = measures.means(table, "error", "k").iloc[0]
    assert found["mean"] == pytest.approx(2.0)
    assert found["std_error"] == pytest.approx(1 / np.sqrt(3))


def test_alignment_weighs_units_by_what_they_contribute():
    units = pd.DataFrame(
        {"seed": 0, "weight_1": [3.0, 0.0], "weight_2": [4.0, 1.0], "output_weight": [-1.0, 0.0], "corner_cosine": [0.9, 0.1]}
    )
    assert measures.alignment(units).tolist() == pytest.approx([0.9])


@pytest.mark.parametrize("name", FIGURES)
def test_panels_drawn_from_a_single_seed_name_their_axes(ideal, name):
    tables = {table: first_seed(ideal[table]).reset_index(drop=True) for table in FIGURES[name]["tables"]}
    for ax in draw(PAPER, name, tables).axes:
        if ax.get_label() != "<colorbar>" and ax.get_title(loc="left"):
            assert ax.get_ylabel(), ax.get_title(loc="left")


@pytest.mark.parametrize("name", FIGURES)
def test_every_claim_that_names_a_figure_has_its_bounds_read_for_it(ideal, name, monkeypatch):
    from repro import figures

    module = importlib.import_module(f"scripts.{PAPER}.figures.{name}")
    drawing = importlib.import_module(f"scripts.{PAPER}.figures.drawing")
    asked = set()

    def bounds(about, claim, part):
        asked.add((claim, part))
        return figures.bounds(about, claim, part)

    for place in (module, drawing):
        monkeypatch.setattr(place, "bounds", bounds, raising=False)
    module.draw({table: ideal[table] for table in FIGURES[name]["tables"]}, figure_about(PAPER, name, "quick"))
    assert {claim for claim, _ in asked} == {claim["claim"] for claim in CLAIMS if name in claim["figures"]}


def test_timing_rows_of_a_mode_that_is_not_learned_are_left_out():
    strengths = np.stack([np.full((10, 3), 0.1)] * 3, axis=1)
    assert timing.simulation_rows(np.array([3.0, 2.0, 1.0]), strengths).empty
