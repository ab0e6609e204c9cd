"""Compute scripts of refinetti_autoencoders keep their contracts, and their figures are drawn from full and from bare tables."""

import importlib
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from repro.datasets import eigenbasis, second_moment
from repro.settings import ROOT, figure_about, load_paper, load_params, table_contract
from repro.tables import read, write
from scripts.refinetti_autoencoders import images
from scripts.refinetti_autoencoders.curves import tidy
from scripts.refinetti_autoencoders.runs import learning_curves, relu_bias, tied_weights

PAPER = "refinetti_autoencoders"
RUNS = list(load_paper(PAPER)["runs"])
FIGURES = load_paper(PAPER)["figures"]


@pytest.fixture(scope="module")
def image_folders(tmp_path_factory):
    """Two image sets of a few pixels, one in colour, with a spectrum that falls off."""
    folders, rng = {}, np.random.default_rng(0)
    for name, channels in (("cifar10", 3), ("fashion_mnist", 1)):
        folders[name] = tmp_path_factory.mktemp(name)
        for split, n in (("train", 80), ("test", 20)):
            shade = rng.integers(0, 128, (n, channels, 1, 1)) + rng.integers(0, 64, (n, channels, 6, 1))
            pixels = (shade + rng.integers(0, 64, (n, channels, 6, 6))).astype(np.uint8)
            np.save(folders[name] / f"{split}_images.npy", pixels)
    return folders


def run(name, params, folders):
    script = importlib.import_module(f"scripts.{PAPER}.runs.{name}")
    return script.compute(params, folders) if load_paper(PAPER)["runs"][name]["datasets"] else script.compute(params)


@pytest.fixture(scope="module")
def tables(image_folders, tmp_path_factory):
    """All tables at smoke, written and read back: the writer checks them against the yaml."""
    folder, found = tmp_path_factory.mktemp("tables"), {}
    for name in RUNS:
        for table, frame in run(name, load_params(PAPER, name, "smoke"), image_folders).items():
            write(frame, folder / f"{table}.parquet", table_contract(PAPER, table)["columns"], {})
            found[table] = read(folder / f"{table}.parquet")
    return found


def test_smoke_makes_every_table_of_the_contract(tables):
    assert set(tables) == {table for entry in load_paper(PAPER)["runs"].values() for table in entry["tables"]}
    assert all(len(frame) for frame in tables.values())


def test_theory_and_simulation_share_weights_and_times(tables):
    curves = tables["learning_curves"]
    for _, found in curves.groupby(["activation", "seed"]):
        simulation, theory = (found[found["method"] == method].set_index("time") for method in ("simulation", "theory"))
        assert set(simulation.index) <= set(theory.index)
        assert simulation.loc[0.0, "error"] == pytest.approx(theory.loc[0.0, "error"], rel=1e-6)


def test_errors_stay_above_pca(tables):
    for name in ("learning_curves", "long_times", "tied_weights", "relu_curves", "truncated_curves", "image_curves"):
        assert (tables[name]["error"] >= tables[name]["pca_error"] * (1 - 1e-6)).all(), name


def test_theory_of_the_images_follows_their_spectrum_only(tables):
    curves = tables["image_curves"]
    spectrum = tables["image_spectra"]
    for dataset, found in curves.groupby("dataset"):
        eigenvalues = spectrum.loc[spectrum["dataset"] == dataset, "eigenvalue"]
        assert eigenvalues.sum() == pytest.approx(0.25, rel=1e-5)
        assert found.loc[found["time"] == 0, "error"].to_numpy() == pytest.approx(eigenvalues.sum(), rel=0.05)
        np.testing.assert_allclose(found["pca_error"], eigenvalues.to_numpy()[4:].sum(), rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dataset", "leading", "levels"),
    [
        ("cifar10", [0.0756, 0.0331, 0.0183, 0.0101], {0: 0.2500, 1: 0.1744, 2: 0.1413, 3: 0.1230, 4: 0.1129}),
        ("fashion_mnist", [], {1: 0.1542, 2: 0.1199, 4: 0.0788}),
    ],
)
def test_real_images_have_the_known_spectra(dataset, leading, levels):
    folder = ROOT / "data" / "real" / dataset
    if not folder.is_dir():
        pytest.skip(f"{dataset} is not decoded")
    pixels = images.standardise(images.grey(folder, "train"))
    eigenvalues = eigenbasis(second_moment(pixels))[0] / pixels.shape[1]
    np.testing.assert_allclose(eigenvalues[: len(leading)], leading, atol=5e-5)
    for k, level in levels.items():
        assert eigenvalues[k:].sum() == pytest.approx(level, abs=5e-5)


def test_image_sets_split_over_jobs_give_the_table_of_one_job(image_folders):
    p = load_params(PAPER, "image_curves", "smoke") | {"theory_time": 20}
    whole = run("image_curves", p, image_folders)
    parts = [run("image_curves", p | {"image_sets": [name]}, image_folders) for name in p["image_sets"]]
    for table, frame in whole.items():
        joined = pd.concat([part[table] for part in parts], ignore_index=True)
        pd.testing.assert_frame_equal(frame, joined)


def test_seed_offset_shifts_seeds_and_the_same_seed_gives_the_same_rows():
    p = load_params(PAPER, "learning_curves", "smoke") | {"activations": ["erf"], "theory_time": 10, "n_times": 5}
    first, both = (learning_curves.compute(p | {"n_seeds": n})["learning_curves"] for n in (1, 2))
    shifted = learning_curves.compute(p | {"seed_offset": 1, "n_seeds": 1})["learning_curves"]
    simulated = both[(both["seed"] == 1) & (both["method"] == "simulation")]
    own = shifted[shifted["method"] == "simulation"]
    assert set(own["seed"]) == {1}
    np.testing.assert_array_equal(own["error"], simulated["error"])
    assert not np.isin(own["error"], first["error"]).any()


def test_tied_decoders_start_as_the_untied_one_for_scale_one():
    p = load_params(PAPER, "tied_weights", "smoke")
    tied, untied = (tied_weights._start(p, tied_weights.Rule("erf", 1.0, decoder_scale=scale), [0]) for scale in (1.0, None))
    assert tied.decoder.std() == pytest.approx(untied.decoder.std(), rel=0.2)
    np.testing.assert_allclose(tied.encoder * np.sqrt(p["dim"]), untied.encoder)


def test_tidy_labels_every_entry_of_an_array():
    values = np.arange(6).reshape(2, 3)
    frame = tidy({"time": [0.5, 1.5], "seed": [7, 8, 9]}, value=values, scale=np.array([1, 2, 3]), name="x")
    for row in frame.itertuples():
        assert row.value == values[[0.5, 1.5].index(row.time), row.seed - 7]
        assert row.scale == row.seed - 6
    assert set(frame["name"]) == {"x"}


def draw(name, tables):
    used = {table: tables[table].copy() for table in FIGURES[name]["tables"]}
    figure = importlib.import_module(f"scripts.{PAPER}.figures.{name}").draw(used, figure_about(PAPER, name, "quick"))
    for table, frame in used.items():
        pd.testing.assert_frame_equal(frame, tables[table])
    return figure


def panel(figure, letter):
    """The axes under the bold letter."""
    return next(ax for ax in figure.axes if ax.get_title(loc="left").startswith(f"$\\bf{{{letter}}}$"))


@pytest.mark.parametrize("name", FIGURES)
def test_figures_of_smoke_tables_have_labels_and_readable_text(name, tables):
    figure = draw(name, tables)
    figure.draw_without_rendering()
    for ax in figure.axes:
        if ax.axison:
            assert ax.get_xlabel() or [label.get_text() for label in ax.get_xticklabels()], ax
            assert ax.get_ylabel() or ax.get_title(loc="left"), ax
        texts = [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label, ax.title]
        assert all(text.get_fontsize() >= 7.5 for text in texts)
    plt.close(figure)


@pytest.mark.parametrize("name", FIGURES)
def test_every_panel_of_ours_is_drawn_and_marked(name, tables):
    figure = draw(name, tables)
    ours = FIGURES[name].get("ours", [])
    marked = [ax.get_title(loc="left")[5] for ax in figure.axes if "(ours)" in ax.get_title(loc="left")]
    assert sorted(marked) == ours
    plt.close(figure)


@pytest.mark.parametrize("name", FIGURES)
def test_every_legend_label_is_explained(name, tables):
    figure = draw(name, tables)
    shows = re.sub(r"\d", "", FIGURES[name]["shows"])
    for legend in figure.legends:
        for text in legend.get_texts():
            assert re.sub(r"\d", "", text.get_text()) in shows, text.get_text()
    assert len(figure.legends) == 1
    plt.close(figure)


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn_from_the_first_rows_of_every_table_alone(name, tables):
    bare = {table: frame.head(2) for table, frame in tables.items()}
    figure = draw(name, bare)
    figure.draw_without_rendering()
    plt.close(figure)


def test_curves_show_theory_as_lines_and_simulation_as_markers(tables):
    figure = draw("fig2", tables)
    ax = panel(figure, "a")
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    curves = tables["learning_curves"]
    drawn = [line for line in ax.get_lines() if len(line.get_xdata()) > 2]
    styles = {(line.get_linestyle(), line.get_marker()) for line in drawn}
    assert styles == {("-", ""), ("None", "o")}
    assert len([line for line in drawn if line.get_marker() == "o"]) == curves["activation"].nunique()
    assert all(len(line.get_xdata()) >= 200 for line in drawn if line.get_marker() == "")
    assert max(line.get_xdata().max() for line in drawn) == curves["time"].max()
    assert {text.get_text() for text in ax.texts} == {f"PCA$_{k}$" for k in range(5)}
    plt.close(figure)


def test_spectrum_figure_counts_every_eigenvalue_once(tables):
    figure, spectrum = draw("fig1", tables), tables["sample_spectrum"]
    ax = panel(figure, "a")
    heights = [patch.get_height() for patch in ax.patches]
    outliers = next(line for line in ax.get_lines() if line.get_marker() == "o")
    assert sum(heights) + len(outliers.get_xdata()) == len(spectrum)
    assert len(outliers.get_xdata()) == spectrum["n_spikes"].iloc[0]
    steps = next(line for line in panel(figure, "b").get_lines() if len(line.get_xdata()) > 2)
    for threshold, count in zip(steps.get_xdata(), steps.get_ydata(), strict=True):
        assert count == (spectrum["eigenvalue"] >= threshold).sum()
    plt.close(figure)


def test_heat_maps_show_the_alignment_of_the_first_seed(tables):
    figure = draw("fig5", tables)
    aligned = tables["decoder_alignment"].query("inputs == 'spiked' and method == 'simulation' and seed == 0")
    for letter, rule in (("b", "vanilla"), ("c", "truncated")):
        picture = panel(figure, letter).images[0].get_array()
        found = aligned[aligned["rule"] == rule]
        np.testing.assert_allclose(picture[found["unit"] - 1, found["component"] - 1], found["alignment"])
    plt.close(figure)


def test_alignments_on_the_way_begin_alike_and_end_where_the_equations_end(tables):
    keys = ["rule", "unit", "component"]
    path, end = (table.set_index(keys) for table in (tables["alignment_path"], tables["decoder_alignment"]))
    begin = path.loc[path["time"] == 0, "alignment"]
    pd.testing.assert_series_equal(begin["vanilla"], begin["truncated"])
    end = end.query("inputs == 'spiked' and method == 'theory' and seed == 0")
    last = path.loc[path["time"] == end["time"].iloc[0], "alignment"]
    pd.testing.assert_series_equal(last, end["alignment"].reindex(last.index))


def test_a_plateau_that_fails_is_drawn_outside_its_bounds(tables):
    plateaus = pd.concat([tables["relu_plateaus"].assign(width=width) for width in (2, 4, 6)], ignore_index=True)
    plateaus["error"] = plateaus["predicted_error"] * np.where(plateaus["width"] == 6, 1.02, 1.0)
    figure = draw("fig4", {**tables, "relu_plateaus": plateaus})
    ax = panel(figure, "c")
    place = [label.get_text() for label in ax.get_xticklabels()].index("6")
    box = ax.patches[place].get_bbox()
    points = np.concatenate([line.get_xydata() for line in ax.get_lines()])
    inside = (points[:, 0] >= box.x0 - 1e-9) & (points[:, 0] <= box.x1 + 1e-9)
    np.testing.assert_allclose(points[inside, 1], 1.02)
    assert inside.any()
    assert (box.y0, box.y1) == pytest.approx((0.99, 1.01))
    plt.close(figure)


def test_a_start_on_a_higher_plateau_is_named_at_the_edge(tables):
    late = tables["last_plateaus"].assign(predicted_error=tables["last_plateaus"]["error"] / 1.36)
    figure = draw("fig4", {**tables, "last_plateaus": late})
    assert {text.get_text() for text in panel(figure, "c").texts} == {"↑ 1.36"}
    plt.close(figure)


def test_decoder_rows_are_drawn_with_one_norm_and_the_sign_of_the_eigenvector(tables):
    rows = tables["decoder_rows"].copy()
    flipped = rows["rule"] == "vanilla"
    rows.loc[flipped, ["decoder", "eigenvector"]] *= -1
    rows.loc[flipped, "decoder"] *= 3
    both = [draw("fig5", {**tables, "decoder_rows": table}) for table in (tables["decoder_rows"], rows)]
    for letter in "defg":
        before, after = (panel(figure, letter).get_lines() for figure in both)
        for one, other in zip(before, after, strict=True):
            np.testing.assert_allclose(one.get_ydata(), other.get_ydata())
            assert np.mean(one.get_ydata() ** 2) == pytest.approx(1)
    for figure in both:
        plt.close(figure)


def test_more_late_starts_leave_the_judged_plateaus_as_they_are():
    p = load_params(PAPER, "relu_bias", "smoke")
    few, many = (relu_bias.compute(p | {"n_late_seeds": n}) for n in (1, 3))
    pd.testing.assert_frame_equal(few["relu_plateaus"], many["relu_plateaus"])
    assert many["last_plateaus"].groupby("time")["seed"].nunique().tolist() == [3, 3]
    judged = few["relu_plateaus"].query("bias_mode == 'none' and width == @p['late_width']")
    again = few["last_plateaus"].query("time == @p['plateau_time']")
    assert again["error"].to_numpy() == pytest.approx(judged["error"].to_numpy(), rel=1e-5)
