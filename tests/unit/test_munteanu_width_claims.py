"""Claims of munteanu_width judge what they say, and its figures are drawn from any table that keeps its contract."""

import importlib
from itertools import product

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.frames import tidy
from repro.settings import ROOT, figure_about, load_paper, load_params, load_yaml
from scripts.datasets.sample import unpack
from scripts.munteanu_width import claims, comparison, theory
from scripts.munteanu_width.runs import circle_training, frozen_width, image_pairs, squared_loss, transfer_margin

PAPER = "munteanu_width"
FIGURES = list(load_paper(PAPER)["figures"])
CHANCES = {1: 0.0, 2: 0.0, 4: 0.1, 8: 0.2, 16: 0.5, 32: 0.8, 64: 1.0, 128: 1.0}
STARTS = comparison.INITIALIZATIONS

STOPS, GOES_ON = "stops_at_hit and ", "not stops_at_hit and "
COUPLED, INDEPENDENT = "initialization == 'coupled' and ", "initialization == 'independent' and "
DOCTORED = [  # claim, part, table, rows, column, value
    ("C3", "hits_below", "circle_training_run", "n_train == 12 and width == 4 and seed == 0", "hit_step", 5.0),
    ("C3", "rows_below", "circle_training_run", "width < n_train / 2 and n_train > 12", "width", 128),
    ("C4", "below_cover", "frozen_width", "n_train == 8 and seed == 1", "frozen_width", 1.0),
    ("C4_law", "median_z", "frozen_width", "n_train == 64", "frozen_width", 80.0),
    ("C4_equal", "equal_share", "frozen_width", "n_train == 32 and seed < 3", "frozen_width", 90.0),
    ("C5", "lowest_at_1", "transfer_probability", "n_train == 24 and relative_width == 1", "probability", 0.4),
    ("C5", "highest_at_1", "transfer_probability", "n_train == 24 and relative_width == 1", "probability", 0.85),
    ("C5", "lowest_at_4", "transfer_probability", "n_train == 24 and relative_width == 4", "probability", 0.96),
    ("C5", "highest_at_quarter", "transfer_probability", "n_train == 24 and relative_width == 0.25", "probability", 0.2),
    ("C6", "largest_ratio", "circle_training_run", f"{COUPLED}n_train == 24 and width == 192 and init_scale == 1", "hit_step", 60.0),
    ("C6_half", "scale_1", "circle_training_run", f"{COUPLED}n_train == 24 and width == 384 and init_scale == 1", "hit_step", 31.0),
    ("C6_half", "scale_10", "circle_training_run", f"{COUPLED}n_train == 24 and width == 192 and init_scale == 10", "hit_step", 31.0),
    ("C7", "coupled", "circle_training_run", f"{GOES_ON}{COUPLED}init_scale == 30", "hit_step", 16.0),
    ("C7", "independent", "circle_training_run", f"{GOES_ON}{INDEPENDENT}init_scale == 30", "hit_step", 50.0),
    ("C8", "coupled", "kernel_stability", f"{COUPLED}init_scale == 10 and dim == 32 and width == 1024", "flip_share", 0.03),
    ("C8", "independent", "kernel_stability", f"{INDEPENDENT}init_scale == 10 and dim == 32 and width == 1024", "flip_share", 0.02),
    ("C9", "largest_excess", "loss_curve", f"{COUPLED}width == 64 and seed == 1 and step == 2", "loss", 1.0),
    ("C11", "margin_ratio", "image_margin", "pair == 'zero_one' and n_train == 256 and seed == 3", "margin_l2", 0.1),
    ("C12", "coupled", "image_training_run", f"{COUPLED}init_scale == 10 and width == 128", "hit_step", 31.0),
    ("C12", "independent", "image_training_run", f"{INDEPENDENT}init_scale == 10 and width == 128", "hit_step", 40.0),
    ("C13", "coupled", "circle_training_run", f"{COUPLED}n_train == 8 and width == 64 and init_scale == 1", "hit_step", 2.0),
    ("C13", "independent", "circle_training_run", f"{INDEPENDENT}n_train == 8 and width == 256 and init_scale == 10", "hit_step", 7.0),
    ("C14", "pooled_z", "circle_training_run", f"{STOPS}{COUPLED}init_scale == 10 and width in (16, 32)", "hit_step", 1.0),
    ("N1", "margin", "circle_margin", "n_train == 10", "margin_l2", 0.01),
    ("N1", "separable", "frozen_width", "n_train == 14", "frozen_width", 100.0),
    ("N1", "hits", "circle_training_run", "n_train == 10 and seed == 2", "hit_step", 5.0),
    ("N2", "trained_over_theory", "circle_training_run", f"{STOPS}{COUPLED}n_train == 16 and width < 256", "hit_step", np.inf),
    ("N3", "pooled_z", "circle_training_run", f"{STOPS}{INDEPENDENT}init_scale == 10 and n_train in (8, 16)", "hit_step", 1.0),
    ("N4", "broken_share", "loss_curve", f"{COUPLED}width == 8", "loss", 0.0),
]


def circles():
    """Widths on their law; controls that never separate."""
    p = load_params(PAPER, "frozen_width", "quick")
    sizes = sorted([*p["n_train"], *p["control_n_train"]])
    margins = pd.DataFrame({"n_train": sizes, "margin": [theory.circle_margin(n) for n in sizes], "kernel_eigenvalue_min": 0.0})
    margins = margins.assign(margin_l2=margins["margin"], existence_width=margins["n_train"] / 2)
    frozen = tidy({"n_train": p["n_train"], "seed": range(40)}, frozen_width=0.0)
    frozen["frozen_width"] = theory.cover_median(frozen["n_train"])
    odd = pd.DataFrame({"n_train": p["control_n_train"], "seed": 0, "frozen_width": np.inf})
    frozen = pd.concat([frozen, odd], ignore_index=True)
    return {"circle_margin": margins, "frozen_width": frozen.assign(cover_width=theory.cover_median(frozen["n_train"]))}


def transfer():
    p = load_params(PAPER, "transfer_margin", "quick")
    asked = tidy({"n_train": p["n_train"], "relative_width": [0.25, 0.5, 1.0, 2.0, 4.0]}, event="half_margin")
    asked["probability"] = asked["relative_width"].map({0.25: 0.1, 0.5: 0.3, 1.0: 0.6, 2.0: 0.9, 4.0: 0.99})
    asked["width"] = (1000 * asked["relative_width"]).astype(int)
    direct = tidy({"n_train": p["direct_n_train"], "width": list(CHANCES)}, event="positive", relative_width=0.1)
    direct["probability"] = direct["width"].map(CHANCES)
    return pd.concat([asked, direct], ignore_index=True).assign(margin=0.1, std_error=0.01, n_draws=2000)


def trained():
    """All settings of preset quick: coupled networks hit at once as the chances have it, else late; independent ones later."""
    p, frames = load_params(PAPER, "circle_training", "quick"), []
    for block in p["blocks"]:
        axes = {name: block[name] for name in ("n_train", "width", "init_scale")}
        rows = tidy(axes | {"initialization": STARTS, "seed": range(block.get("n_seeds", p["n_seeds"]))}, hit_step=10.0)
        frames.append(rows.assign(stops_at_hit=block["stops_at_hit"]))
    runs = pd.concat(frames, ignore_index=True)
    at_once = runs["seed"] < 20 * (runs["width"] // 2).map(CHANCES)
    runs.loc[at_once, "hit_step"] = 1.0
    runs.loc[~runs["stops_at_hit"], "hit_step"] = 5.0
    slow = np.where(runs["stops_at_hit"], 60.0, 20 * np.maximum(runs["init_scale"], 1))
    runs["hit_step"] = runs["hit_step"].where(runs["initialization"] == "coupled", slow)
    hopeless = (runs["width"] < runs["n_train"] / 2) | (runs["n_train"] % 4 > 0)
    runs.loc[hopeless, "hit_step"] = np.inf
    return runs.assign(learning_rate=4.0, n_steps=600, initial_output_max=0.0, flip_share=0.1, movement_max=1.0, risk=0.1)


def squared():
    p = load_params(PAPER, "squared_loss", "quick")
    shared = {"width": p["width"], "init_scale": p["init_scale"], "initialization": STARTS, "seed": range(3)}
    curves = [tidy(shared | {"step": range(6)}, loss=0.0, **problem) for problem in p["problems"]]
    curve = pd.concat(curves, ignore_index=True)
    curve["bound"] = 0.9 ** curve["step"]
    curve["loss"] = curve["bound"] * np.where(curve["step"] == 0, 1.0, np.where(curve["width"] == 8, 2.0, 0.5))
    ends = pd.concat([tidy(shared, **problem) for problem in p["problems"]], ignore_index=True)
    kept = np.where(ends["initialization"] == "coupled", 0.1, 0.5)
    ends["flip_share"] = np.where(ends["init_scale"] == 1, 0.1, 0.1 * kept)
    ends = ends.assign(initial_eigenvalue_ratio=0.8, final_eigenvalue_ratio=0.7, learning_rate=1.0, n_steps=5, kernel_eigenvalue_min=0.2)
    return {"loss_curve": curve, "kernel_stability": ends}


def pairs():
    p = load_params(PAPER, "image_pairs", "quick")
    true = tidy({"pair": p["margin_pairs"], "n_train": p["margin_n_train"]}, labels="original", margin_l2=0.16, seed=None)
    permuted = tidy({"pair": p["margin_pairs"], "n_train": p["margin_n_train"], "seed": range(20)}, labels="permuted", margin_l2=0.05)
    margins = pd.concat([true.astype({"seed": "Int64"}), permuted.astype({"seed": "Int64"})], ignore_index=True)
    axes = {"width": p["width"], "init_scale": p["init_scale"], "initialization": STARTS, "seed": range(20)}
    runs = tidy(axes, pair="zero_one", n_train=64, n_steps=500, learning_rate=4.0)
    runs["hit_step"] = np.where(runs["initialization"] == "coupled", 3.0, 200.0)
    about = {"dataset": "mnist", "kernel_eigenvalue_min": 0.04, "eigenvalue_margin": 0.025}
    return {"image_margin": margins.assign(**about), "image_training_run": runs.assign(dataset="mnist")}


@pytest.fixture(scope="module")
def quick():
    return circles() | {"transfer_probability": transfer(), "circle_training_run": trained()} | squared() | pairs()


@pytest.fixture(scope="session")
def mnist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mnist")
    classes = load_yaml(ROOT / "workflow" / "datasets.yaml")["mnist"]["classes"]
    unpack("mnist", ROOT / "workflow" / "samples" / "mnist.npz", folder, classes)
    return folder


@pytest.fixture(scope="module")
def smoke(mnist):
    tables = {}
    for run, module in (("frozen_width", frozen_width), ("transfer_margin", transfer_margin), ("circle_training", circle_training)):
        tables |= module.compute(load_params(PAPER, run, "smoke"))
    tables |= squared_loss.compute(load_params(PAPER, "squared_loss", "smoke"))
    return tables | image_pairs.compute(load_params(PAPER, "image_pairs", "smoke"), {"mnist": mnist})


def judged(tables):
    return judge(PAPER, vars(claims), load_paper(PAPER)["claims"], tables, base_preset="quick").set_index(["claim", "part"])


def verdicts(tables):
    return judged(tables)["verdict"]


def changed(tables, table, condition, column, value):
    frame = tables[table].copy()
    rows = frame.query(condition).index
    assert len(rows)
    frame.loc[rows, column] = value
    return tables | {table: frame}


def test_every_claim_holds_on_tables_made_to_hold(quick):
    assert verdicts(quick).eq(REPRODUCED).all()


def test_every_part_of_every_claim_is_fed_a_doctored_table():
    parts = {(claim["claim"], part["part"]) for claim in load_paper(PAPER)["claims"] for part in claim["parts"]}
    assert {(claim, part) for claim, part, *_ in DOCTORED} == parts


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_doctored_table_is_not_reproduced(quick, case):
    claim, part, *change = case
    found = judged(changed(quick, *change)).loc[(claim, part)]
    assert found["verdict"] == NOT_REPRODUCED
    assert "{" not in found["note"]


@pytest.mark.parametrize(
    ("claim", "part", "table", "condition"),
    [
        ("C4", "below_cover", "frozen_width", "n_train % 4 == 0"),
        ("C4_law", "median_z", "frozen_width", "n_train >= 16"),
        ("C5", "lowest_at_4", "transfer_probability", "relative_width == 4"),
        ("C6", "largest_ratio", "circle_training_run", "n_train == 20"),
        ("C6_half", "scale_1", "circle_training_run", "width == 384"),
        ("C7", "coupled", "circle_training_run", "init_scale == 30"),
        ("C8", "independent", "kernel_stability", "width == 1024"),
        ("C9", "largest_excess", "loss_curve", "width >= 64"),
        ("C11", "margin_ratio", "image_margin", "n_train == 256"),
        ("C12", "independent", "image_training_run", "width == 128"),
        ("C13", "coupled", "circle_training_run", "n_train == 8 and width == 128"),
        ("C14", "pooled_z", "circle_training_run", "n_train == 16 and width == 64"),
        ("C14", "pooled_z", "transfer_probability", "width == 16 and event == 'positive'"),
        ("N1", "separable", "frozen_width", "n_train == 14"),
        ("N2", "trained_over_theory", "circle_training_run", "n_train == 16 and width == 2"),
        ("N3", "pooled_z", "circle_training_run", "n_train == 8 and width == 4"),
        ("N4", "broken_share", "loss_curve", "width == 8"),
    ],
)
def test_a_claim_is_not_judged_without_all_its_rows(quick, claim, part, table, condition):
    frame = quick[table]
    left = frame.drop(frame.query(condition).index)
    assert verdicts(quick | {table: left})[claim, part] == NOT_JUDGED


@pytest.mark.parametrize(
    "case",
    [
        ("C3", "hits_below", "circle_training_run", "width == 4 and n_train == 12 and seed == 3", "hit_step"),
        ("C4", "below_cover", "frozen_width", "n_train == 24 and seed == 3", "cover_width"),
        ("C4_equal", "equal_share", "frozen_width", "n_train == 24 and seed == 3", "cover_width"),
        ("C4_law", "median_z", "frozen_width", "n_train == 24 and seed == 3", "frozen_width"),
        ("C5", "lowest_at_1", "transfer_probability", "n_train == 24 and relative_width == 1", "probability"),
        ("C6", "largest_ratio", "circle_training_run", "n_train == 24 and width == 192 and seed == 3", "hit_step"),
        ("C8", "coupled", "kernel_stability", "dim == 32 and width == 1024 and seed == 1", "flip_share"),
        ("C9", "largest_excess", "loss_curve", "width == 128 and step == 1", "loss"),
        ("C11", "margin_ratio", "image_margin", "labels == 'permuted' and seed == 4", "margin_l2"),
        ("C12", "coupled", "image_training_run", "width == 128 and seed == 1", "hit_step"),
        ("C13", "independent", "circle_training_run", "n_train == 8 and width == 64 and seed == 3", "hit_step"),
        ("C14", "pooled_z", "circle_training_run", "n_train == 8 and width == 64 and seed == 3", "hit_step"),
        ("N1", "margin", "circle_margin", "n_train == 10", "margin_l2"),
        ("N1", "separable", "frozen_width", "n_train == 14", "frozen_width"),
        ("N2", "trained_over_theory", "circle_training_run", "n_train == 16 and width == 64 and seed == 3", "hit_step"),
        ("N4", "broken_share", "loss_curve", "width == 8 and step == 2 and seed == 1", "loss"),
    ],
)
def test_what_is_no_number_never_counts(quick, case):
    claim, part, *change = case
    assert verdicts(changed(quick, *change, np.nan))[claim, part] == NOT_JUDGED


def test_infinite_medians_count_as_the_claims_say(quick):
    wide = "stops_at_hit and n_train == 24 and width == 192 and init_scale == 1"
    never = changed(quick, "circle_training_run", f"{wide} and initialization == 'independent'", "hit_step", np.inf)
    assert judged(never).loc[("C6", "largest_ratio"), "verdict"] == REPRODUCED
    assert (
        comparison.hit_ratios(never["circle_training_run"]).query("n_train == 24 and width == 192 and init_scale == 1")["ratio"].item() == 0
    )
    both = changed(never, "circle_training_run", f"{wide} and initialization == 'coupled'", "hit_step", np.inf)
    assert judged(both).loc[("C6", "largest_ratio"), "measured"] == np.inf
    assert judged(both).loc[("C6", "largest_ratio"), "verdict"] == NOT_REPRODUCED
    lost = changed(quick, "image_training_run", f"{INDEPENDENT}width == 128", "hit_step", np.inf)
    assert judged(lost).loc[("C12", "independent"), "verdict"] == REPRODUCED


def test_the_pooled_z_has_the_spread_of_its_counts():
    """Counts drawn from the law, chances estimated from as many draws as the table says: z is standard normal."""
    rng, z = np.random.default_rng(0), []
    truth, n_seeds, n_draws = np.array([0.2, 0.5, 0.9, 0.6]), 20, 100
    for _ in range(300):
        chance = rng.binomial(n_draws, truth) / n_draws
        observed = rng.binomial(n_seeds, truth)
        z.append(comparison.pooled_z(pd.DataFrame({"observed": observed, "n_seeds": n_seeds, "chance": chance, "n_draws": n_draws})))
    assert abs(np.mean(z)) < 5 / np.sqrt(300)
    assert np.std(z) == pytest.approx(1, abs=5 / np.sqrt(600))


def test_a_trained_width_is_the_smallest_with_enough_seeds(quick):
    setting = {"n_train": 16, "initialization": "coupled", "init_scale": 1.0}
    assert comparison.trained_width(quick["circle_training_run"], **setting) == 8
    runs = quick["circle_training_run"]
    few = "n_train == 16 and width == 8 and initialization == 'coupled' and init_scale == 1 and seed"
    assert (
        comparison.trained_width(changed(quick, "circle_training_run", f"{few} < 2", "hit_step", np.inf)["circle_training_run"], **setting)
        == 8
    )
    assert (
        comparison.trained_width(changed(quick, "circle_training_run", f"{few} < 3", "hit_step", np.inf)["circle_training_run"], **setting)
        == 16
    )
    assert comparison.trained_width(runs.assign(hit_step=np.inf), **setting) == np.inf
    assert np.isnan(comparison.trained_width(runs, n_train=12, initialization="coupled", init_scale=1.0))


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def draw(name, tables, preset="quick"):
    return importlib.import_module(f"scripts.{PAPER}.figures.{name}").draw(tables, figure_about(PAPER, name, preset))


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("preset", ["quick", "smoke"])
def test_figures_are_drawn_and_leave_their_tables_alone(request, preset, name):
    tables = request.getfixturevalue(preset)
    copies = {table: tables[table].copy() for table in load_paper(PAPER)["figures"][name]["tables"]}
    assert draw(name, copies, preset).axes
    for table, copy in copies.items():
        pd.testing.assert_frame_equal(copy, tables[table])


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn_from_a_single_row_and_a_single_seed(quick, name):
    wanted = load_paper(PAPER)["figures"][name]["tables"]
    assert draw(name, {table: quick[table].head(1) for table in wanted}).axes
    assert draw(name, {table: quick[table].query("seed == 0") if "seed" in quick[table] else quick[table] for table in wanted}).axes


def test_runs_that_never_hit_are_drawn_above_all_steps(quick):
    lost = quick["circle_training_run"].assign(hit_step=np.inf)
    ax = draw("fig3", quick | {"circle_training_run": lost}).axes[2]
    heights = np.concatenate([line.get_ydata() for line in ax.get_lines() if len(line.get_xdata()) > 2])
    assert (heights == 1200).all()
    assert ax.get_ylim()[1] > 1200


def test_more_pairs_get_a_panel_each(quick):
    more = [quick["image_training_run"].assign(pair=pair, n_train=n) for pair, n in product(["zero_one", "four_nine"], [64, 256])]
    drawn = {**quick, "image_training_run": pd.concat(more, ignore_index=True)}
    titles = [ax.get_title(loc="left") for ax in draw("fig5", drawn, "paper").axes]
    assert [title.split("  ")[1] for title in titles if "digits" in title][1:] == [
        "digits 0/1, 64 images",
        "digits 0/1, 256 images",
        "digits 4/9, 64 images",
        "digits 4/9, 256 images",
    ]
