"""Figures of munteanu_width are drawn from any table that keeps its contract."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from repro.settings import ROOT, load_paper, load_params, load_yaml
from scripts.datasets.sample import unpack
from scripts.munteanu_width.runs import circle_training, frozen_width, image_pairs, squared_loss, transfer_margin
from tests.unit.drawn import draw
from tests.unit.munteanu_width_tables import tables_that_hold

PAPER = "munteanu_width"
FIGURES = list(load_paper(PAPER)["figures"])


@pytest.fixture(scope="module")
def quick():
    return tables_that_hold()


@pytest.fixture(scope="module")
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


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn_from_tables_that_hold(quick, name):
    assert draw(PAPER, name, quick).axes


def test_runs_that_never_hit_are_drawn_above_all_steps(quick):
    lost = quick["circle_training_run"].assign(hit_step=np.inf)
    ax = draw(PAPER, "fig3", quick | {"circle_training_run": lost}).axes[2]
    heights = np.concatenate([line.get_ydata() for line in ax.get_lines() if len(line.get_xdata()) > 2])
    assert (heights == 1200).all()
    assert ax.get_ylim()[1] > 1200


def test_more_pairs_get_a_panel_each(quick):
    more = [quick["image_training_run"].assign(pair=pair, n_train=n) for pair, n in product(["zero_one", "four_nine"], [64, 256])]
    drawn = {**quick, "image_training_run": pd.concat(more, ignore_index=True)}
    titles = [ax.get_title(loc="left") for ax in draw(PAPER, "fig5", drawn, "paper").axes]
    assert [title.split("  ")[1] for title in titles if "digits" in title][1:] == [
        "digits 0/1, 64 images",
        "digits 0/1, 256 images",
        "digits 4/9, 64 images",
        "digits 4/9, 256 images",
    ]
