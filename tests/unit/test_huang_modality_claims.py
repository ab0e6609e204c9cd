"""Claims of huang_modality judge what they say, and its figures are drawn from any table that keeps its contract."""

import importlib

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.frames import tidy
from repro.settings import figure_about, load_paper
from scripts.huang_modality import claims, measures, theory
from scripts.huang_modality.model import Activation

PAPER = "huang_modality"
CLAIMS = load_paper(PAPER)["claims"]
FIGURES = load_paper(PAPER)["figures"]

JOINT = "training == 'joint' and setting == "
DOCTORED = [  # claim, part, table, rows, column, new value
    ("C1", "z_score", "class_winners", f"{JOINT}'base' and seed > 1", "is_exclusive", False),
    ("C1b", "joint_share", "class_winners", f"{JOINT}'base' and label < 2", "is_exclusive", False),
    ("C1b", "uni_share", "class_winners", "training == 'uni' and setting == 'base' and label == 0", "is_exclusive", True),
    ("C2", "learned_share", "feature_correlations", "training == 'uni' and step == 20 and label == 0", "is_learned", False),
    ("C2", "valid_share", "prediction_errors", "setting == 'base' and seed < 5", "is_valid", False),
    ("C3", "z_score", "prediction_errors", "setting == 'base' and predictor == 'joint' and seed < 18", "error", 0.02),
    ("C4", "joint_error", "prediction_errors", "setting == 'base' and predictor == 'joint'", "error", 0.09),
    ("C4b", "joint_minus_mixture", "winning_shares", "setting == 'base' and method == 'simulation'", "mixture_error", 0.01),
    ("C5", "uni1", "prediction_errors", "setting == 'base' and predictor == 'uni1'", "error", 0.04),
    ("C5", "uni2", "winning_shares", "setting == 'base' and method == 'theory'", "insufficient_2", 0.05),
    ("C6", "joint_given_1", "conditional_errors", "predictor == 'joint' and insufficient_modality == 1", "error", 0.8),
    ("C6", "joint_given_2", "conditional_errors", "predictor == 'joint' and insufficient_modality == 2", "error", 0.1),
    ("C6", "ensemble_given_1", "conditional_errors", "predictor == 'ensemble' and insufficient_modality == 1", "error", 0.3),
    ("C6", "ensemble_given_2", "conditional_errors", "predictor == 'ensemble' and insufficient_modality == 2", "error", 0.3),
    ("C7", "z_score", "class_winners", f"{JOINT}'base' and label > 0", "predicted_winner", 1),
    ("C7b", "predicted_share", "class_winners", f"{JOINT}'base' and label < 4", "predicted_winner", 2),
    ("C8", "largest_z", "winning_shares", "setting == 'scale_0.9' and method == 'simulation'", "share", 0.3),
    ("C8", "smallest_drop", "winning_shares", "setting == 'scale_1.25' and method == 'simulation'", "share", 0.5),
    ("C9", "own_gap", "encoder_errors", "training == 'joint' and predictor == 'own' and dataset == 'mnist'", "error", 0.13),
    ("C9", "probe_gap", "encoder_errors", "training == 'uni' and predictor == 'probe' and dataset == 'fashion_mnist'", "error", 0.3),
    ("C9", "sum_gap", "encoder_errors", "training == 'joint' and predictor == 'sum'", "error", 0.02),
    ("N1", "exclusive_share", "class_winners", f"{JOINT}'init_0.1' and label < 2", "is_exclusive", True),
    ("N1", "joint_minus_best", "prediction_errors", "setting == 'init_0.1' and predictor == 'joint'", "error", 0.05),
    ("N2", "ensemble_over_joint", "prediction_errors", "setting == 'base' and predictor == 'ensemble'", "error", 0.02),
    ("N3", "joint_minus_best", "prediction_errors", "setting == 'equal_mu' and predictor == 'joint'", "error", 0.03),
    ("N3", "exclusive_share", "class_winners", f"{JOINT}'equal_mu' and label < 2", "is_exclusive", False),
]

SETTINGS = {  # scale, init_std, fractions, seeds
    "base": (1.0, 0.002, (0.02, 0.08), 20),
    "equal_mu": (1.0, 0.002, (0.02, 0.02), 10),
    "scale_0.8": (0.8, 0.002, (0.02, 0.08), 10),
    "scale_0.9": (0.9, 0.002, (0.02, 0.08), 10),
    "scale_1.25": (1.25, 0.002, (0.02, 0.08), 10),
    "init_0.1": (1.0, 0.1, (0.02, 0.08), 10),
}


def predicted(fractions, scale):
    return theory.predicted_share(fractions, scale, width=20, activation=Activation(), signal_max=2.0)


def of_setting(name):
    """Winners, shares and errors of one setting as they would be if the theorem held."""
    scale, init_std, fractions, n_seeds = SETTINGS[name]
    named = {"setting": name, "scale": scale, "init_std": init_std}
    seeds, labels, spread = np.arange(n_seeds), np.arange(5), 1e-3 * np.cos(np.arange(n_seeds))
    winner = np.where((labels + seeds[:, None]) % 2 == 0, 1, 2)
    exclusive = np.broadcast_to((name != "init_0.1") & (labels > (seeds % 2)[:, None] - 1), winner.shape)
    start = tidy({"seed": seeds, "label": labels}, winner=winner, predicted_winner=winner, log_advantage=0.3 * (3 - 2 * winner))
    winners = [
        start.assign(training=training, is_exclusive=(exclusive if training == "joint" else 0 * exclusive).astype(bool).ravel())
        for training in ("joint", "uni")
    ]
    winners = pd.concat(winners).assign(blow_up_step=200.0, correlation_ratio=lambda t: np.where(t["is_exclusive"], 0.02, 0.8))
    p_1 = predicted(fractions, scale)
    shares = tidy({"seed": seeds}, method="simulation", share=p_1 + spread)
    shares = pd.concat([shares, pd.DataFrame({"seed": [None], "method": "theory", "share": p_1})])
    shares = shares.assign(insufficient_1=fractions[0], insufficient_2=fractions[1], n_classes=5)
    shares["mixture_error"] = theory.mixture_error(shares["share"], fractions)
    mixed = 1e-3 if name == "init_0.1" else float(theory.mixture_error(p_1, fractions))
    errors = {"joint": mixed, "uni1": fractions[0], "uni2": fractions[1], "ensemble": 0.002, "joint_encoder1": 0.3, "joint_encoder2": 0.4}
    if name.startswith("scale"):
        errors = {predictor: value for predictor, value in errors.items() if predictor.startswith("joint")}
    rows = tidy(
        {"predictor": list(errors), "split": ["train", "test"], "seed": seeds},
        error=np.array(list(errors.values()))[:, None, None] + np.where(np.arange(len(errors)) == 0, 1, 0)[:, None, None] * spread,
        is_valid=None if name.startswith("scale") else True,
    )
    return {
        key: frame.assign(**named) for key, frame in (("class_winners", winners), ("winning_shares", shares), ("prediction_errors", rows))
    }


def image_errors():
    """Encoders of paired images, jointly worse by all predictors."""
    axes = {"seed": range(4), "training": ["joint", "uni"], "split": ["train", "test"]}
    means = {"own": (0.42, 0.11), "probe": (0.13, 0.11), "sum": (0.035, 0.027)}
    cases = [(name, predictor) for predictor in ("own", "probe") for name in ("mnist", "fashion_mnist")]
    frames = [
        tidy(axes, n_train=2000, dataset=name, predictor=predictor, error=np.array(means[predictor])[:, None])
        for name, predictor in [*cases, ("both", "sum")]
    ]
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def tables():
    """Tables that reproduce every claim."""
    parts = [of_setting(name) for name in SETTINGS]
    found = {key: pd.concat([part[key] for part in parts], ignore_index=True) for key in parts[0]}
    seeds, steps = np.arange(20), np.array([0, 10, 20])
    axes = {"step": steps, "seed": seeds, "modality": [1, 2], "label": np.arange(5)}
    grown = 0.004 * 40.0 ** (steps / 10)[:, None, None, None]
    grown = np.broadcast_to(grown, (3, 20, 2, 5))
    lost = np.where(np.arange(2)[:, None] == 0, grown, 0.004)
    found["feature_correlations"] = pd.concat(
        [tidy(axes, training=name, correlation=values, is_learned=values > 1) for name, values in (("joint", lost), ("uni", grown))],
        ignore_index=True,
    )
    names = ["joint", "uni1", "uni2"]
    loss = np.broadcast_to(np.exp(-steps / 10)[None, None], (3, 20, 3))
    found["training_curves"] = tidy({"predictor": names, "seed": seeds, "step": steps}, loss=loss, error=loss / 2)
    of_part = {"seed": seeds, "insufficient_modality": [1, 2], "predictor": ["joint", "ensemble"]}
    found["conditional_errors"] = tidy(of_part, error=np.array([0.4, 0.05]) * np.ones((20, 2, 1)), n_test=40, is_valid=True)
    scales = np.linspace(0.6, 1.5, 31)
    share = np.array([predicted((0.02, 0.08), scale) for scale in scales])
    found["winning_curve"] = tidy({"scale": scales}, share=share, mixture_error=theory.mixture_error(share, (0.02, 0.08)))
    found["encoder_errors"] = image_errors()
    return found


def verdicts(tables, entries=CLAIMS):
    return judge(PAPER, vars(claims), entries, tables, base_preset="quick").set_index(["claim", "part"])["verdict"]


def of_claim(tables, claim):
    return verdicts(tables, [entry for entry in CLAIMS if entry["claim"] == claim])[claim]


def doctored(table, condition, column, value):
    changed = table.copy()
    rows = changed.query(condition).index
    assert len(rows)
    if not isinstance(value, bool):
        changed[column] = changed[column].astype(float)
    elif changed[column].dtype == bool:
        changed[column] = changed[column].astype(object)
    changed.loc[rows, column] = value
    return changed


def test_every_claim_holds_on_tables_as_the_theorem_has_them(tables):
    found = verdicts(tables)
    assert found[found != REPRODUCED].empty


def test_every_part_of_every_claim_is_fed_a_doctored_table():
    parts = {(claim["claim"], part["part"]) for claim in CLAIMS for part in claim["parts"]}
    assert {(claim, part) for claim, part, *_ in DOCTORED} == parts
    assert len(DOCTORED) == len(parts)


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_doctored_table_is_not_reproduced(tables, case):
    claim, part, table, *change = case
    assert of_claim(tables | {table: doctored(tables[table], *change)}, claim)[part] == NOT_REPRODUCED


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_not_a_number_or_a_missing_row_is_never_good_news(tables, case):
    claim, part, table, condition, column, _ = case
    unknown = doctored(tables[table], condition, column, np.nan) if column != "is_valid" else tables[table].iloc[:0]
    assert of_claim(tables | {table: unknown}, claim)[part] == NOT_JUDGED
    assert of_claim(tables | {table: tables[table].iloc[:0]}, claim)[part] == NOT_JUDGED


def test_errors_are_over_valid_seeds_only(tables):
    spoilt = doctored(tables["prediction_errors"], "setting == 'base' and seed < 4", "error", 0.9)
    valid = doctored(spoilt, "setting == 'base' and seed < 4", "is_valid", False)
    for change, verdict in ((spoilt, NOT_REPRODUCED), (valid, REPRODUCED)):
        assert of_claim(tables | {"prediction_errors": change}, "C4")["joint_error"] == verdict


def test_conditional_errors_are_pooled_over_samples_and_skip_seeds_without_any(tables):
    table = tables["conditional_errors"].copy()
    first = table["seed"] == 0
    table.loc[first, ["error", "n_test"]] = [np.nan, 0]
    table.loc[table["seed"] == 1, ["error", "n_test"]] = [0.0, 20]
    found = claims.c6(tables | {"conditional_errors": table})["joint_given_1"]
    assert found.value == pytest.approx(0.4 * 18 * 40 / (18 * 40 + 20))
    assert found.n == 18 * 40 + 20


def test_scores_are_in_standard_errors():
    found = measures.z_score(pd.Series([0.1, 0.2, 0.6]))
    assert found.value == pytest.approx(0.3 / (np.std([0.1, 0.2, 0.6], ddof=1) / np.sqrt(3)))
    shares = pd.DataFrame({"setting": "base", "scale": 1.0, "method": ["simulation"] * 4 + ["theory"], "n_classes": 5})
    shares["share"] = [0.8, 0.6, 0.6, 0.4, 0.5]
    assert measures.share_deviations(shares)["z"].item() == pytest.approx(0.1 / np.sqrt(0.25 / 20))


def drawn(name, tables):
    wanted = {table: tables[table].copy() for table in FIGURES[name]["tables"]}
    fig = importlib.import_module(f"scripts.{PAPER}.figures.{name}").draw(wanted, figure_about(PAPER, name, "quick"))
    for table, frame in wanted.items():
        pd.testing.assert_frame_equal(frame, tables[table])
    return fig


@pytest.mark.parametrize("name", FIGURES)
def test_figures_leave_their_tables_alone_and_name_what_their_axes_show(tables, name):
    fig = drawn(name, tables)
    letters = [ax.get_title(loc="left").split("$")[1] for ax in fig.axes]
    assert letters == [f"\\bf{{{letter}}}" for letter in "abcdefghi"[: len(letters)]]
    for ax in fig.axes:
        assert ax.get_xlabel() or all(tick.get_text() for tick in ax.get_xticklabels())


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn_from_a_single_row_and_from_a_single_seed(tables, name):
    assert drawn(name, {table: frame.head(1) for table, frame in tables.items()}).axes
    single = {table: frame[frame["seed"].isna() | (frame["seed"] == 0)] if "seed" in frame else frame for table, frame in tables.items()}
    assert drawn(name, single).axes


def test_judged_values_lie_on_their_bands_where_claims_hold(tables):
    ax = next(ax for ax in drawn("fig_gamma", tables).axes if ax.get_title(loc="left").endswith("told"))
    assert len(ax.patches) == 3
    values = ax.get_lines()[0].get_xdata()
    for patch, value in zip(ax.patches, values, strict=True):
        assert patch.get_x() <= value <= patch.get_x() + patch.get_width()


def test_sizes_and_strengths_of_preset_paper_are_drawn_side_by_side(tables):
    """Three sizes of training sets; only the judged one has a band."""
    errors = pd.concat([tables["encoder_errors"].assign(n_train=size) for size in (500, 2000, 10000)], ignore_index=True)
    axes = drawn("fig_real", tables | {"encoder_errors": errors}).axes[3:]
    assert [[tick.get_text() for tick in ax.get_xticklabels()] for ax in axes] == [["500", "2000", "10000"]] * 3
    for ax in axes:
        (window,) = ax.patches
        assert (window.get_x() < 1, window.get_x() + window.get_width() > 1) == (True, True)
        assert window.get_width() < 1
