"""Tables of the races of huang_modality: whether they agree with each other, and whatever the split of seeds and settings."""

import numpy as np
import pandas as pd
import pytest

from repro.settings import load_params
from scripts.huang_modality.runs import modality_races

SMALL = {"n_train": 60, "n_test": 80, "n_steps": 60, "record_every": 20}


def settings(*names):
    params = load_params("huang_modality", "modality_races", "smoke")
    return params | SMALL | {"settings": [setting for setting in params["settings"] if setting["setting"] in names]}


@pytest.fixture(scope="module")
def tables():
    return modality_races.compute(settings("base", "scale_0.8", "init_0.1"))


def test_seeds_have_the_same_data_and_start_in_every_setting(tables):
    alone = tables["prediction_errors"].query("predictor == 'uni1' and split == 'train'")
    assert set(alone["setting"]) == {"base", "init_0.1"}
    ahead = (
        tables["class_winners"].query("training == 'joint'").pivot_table(index=["seed", "label"], columns="setting", values="log_advantage")
    )
    np.testing.assert_allclose(ahead["base"], ahead["init_0.1"], atol=1e-5)
    np.testing.assert_allclose(ahead["scale_0.8"] - ahead["base"], -2 * np.log(0.8), atol=1e-6)


def test_tables_of_a_race_agree_with_each_other(tables):
    last = tables["feature_correlations"].query("step == 60 and training == 'joint'")
    pairs = last.pivot_table(index=["seed", "label"], columns="modality", values="correlation")
    winners = tables["class_winners"].query("setting == 'base' and training == 'joint'").set_index(["seed", "label"])
    np.testing.assert_array_equal(winners["winner"], np.where(pairs[1] > pairs[2], 1, 2))
    np.testing.assert_allclose(winners["correlation_ratio"], pairs.min(axis=1) / pairs.max(axis=1))
    shares = tables["winning_shares"].query("setting == 'base' and method == 'simulation'").set_index("seed")
    np.testing.assert_allclose(shares["share"], (winners["winner"] == 1).groupby("seed").mean())
    np.testing.assert_allclose(shares["mixture_error"], shares["share"] * 0.02 + (1 - shares["share"]) * 0.08)
    curves = tables["training_curves"].query("step == 60").set_index(["predictor", "seed"])["error"]
    errors = tables["prediction_errors"].query("setting == 'base' and split == 'train'").set_index(["predictor", "seed"])["error"]
    np.testing.assert_allclose(curves, errors[curves.index])
    assert (tables["training_curves"].query("step == 0")["loss"] - np.log(5)).abs().max() < 1e-3


@pytest.mark.slow
def test_any_split_of_the_settings_gives_the_same_rows(tables):
    """As preset paper splits them; a part without setting base has empty tables of the right columns."""
    parts = [modality_races.compute(settings(*names)) for names in (("base", "scale_0.8"), ("init_0.1",))]
    for name, whole in tables.items():
        assert list(parts[1][name]) == list(whole)
        joined = [part[name] for part in parts if len(part[name])]
        pd.testing.assert_frame_equal(pd.concat(joined, ignore_index=True), whole, check_dtype=False)


def test_seeds_are_split_into_batches_without_a_trace():
    params = settings("base")
    params["settings"][0] = params["settings"][0] | {"n_seeds": modality_races._SEEDS_AT_ONCE + 1, "n_steps": 3}
    last = modality_races.compute(params)["prediction_errors"].query(f"seed == {modality_races._SEEDS_AT_ONCE}")
    params["settings"][0] = params["settings"][0] | {"n_seeds": 1}
    alone = modality_races.compute(params | {"seed_offset": modality_races._SEEDS_AT_ONCE})["prediction_errors"]
    np.testing.assert_array_equal(last[["predictor", "split", "error"]], alone[["predictor", "split", "error"]])
