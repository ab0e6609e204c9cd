"""Rows of huang_modality's runs against the same networks trained and judged one by one, and summaries of hand-made tables."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from repro.frames import select
from repro.seeds import generator
from repro.settings import ROOT, load_params, load_yaml
from scripts.datasets.sample import unpack
from scripts.huang_modality import images, measures, theory
from scripts.huang_modality.images import initial_encoders, pairs, source, train_batch
from scripts.huang_modality.model import feature_correlations, logits
from scripts.huang_modality.runs import modality_races, paired_images
from scripts.huang_modality.training import train

PAPER = "huang_modality"
SMALL = {"n_train": 60, "n_test": 90, "n_steps": 40, "record_every": 20, "insufficient": [0.3, 0.4]}


@pytest.fixture(scope="module")
def race():
    """Two seeds of setting base, which one race trains, and all of their tables."""
    p = load_params(PAPER, "modality_races", "smoke") | SMALL
    setting = modality_races._whole(p, {"setting": "base"})
    made = modality_races.Race(p, setting, [0, 1])
    return made, modality_races._tables(setting, made)


def trained(race, training):
    """Weights of every encoder at the end, by training anew."""
    *_, last = train(race.start, race.given["train"], np.array([0, 40]), training=training, learning_rate=8.0, activation=race.activation)
    return last.weights


def test_errors_of_all_predictors_are_those_of_their_own_encoders_on_their_own_split(race):
    made, tables = race
    found = tables["prediction_errors"].set_index(["predictor", "split", "seed"])["error"]
    chosen = {"joint": [0, 1], "joint_encoder1": [0], "joint_encoder2": [1], "uni1": [0], "uni2": [1], "ensemble": [0, 1]}
    assert set(found.index.get_level_values("predictor")) == set(chosen)
    for name, encoders in chosen.items():
        weights = trained(made, "joint" if name.startswith("joint") else "uni")
        for split, given in made.given.items():
            scores = logits(weights, given.inputs, 5, made.activation)[:, encoders].sum(axis=1)
            wrong = scores.argmax(axis=-1) != given.labels
            assert found[name, split].to_numpy() == pytest.approx(wrong.mean(axis=-1))


def test_conditional_errors_count_wrong_answers_among_the_insufficient_samples_of_a_modality(race):
    made, tables = race
    given = made.given["test"]
    wrong = logits(trained(made, "joint"), given.inputs, 5, made.activation).sum(axis=1).argmax(axis=-1) != given.labels
    rows = select(tables["conditional_errors"], predictor="joint").set_index(["seed", "insufficient_modality"])
    for seed, modality in rows.index:
        chosen = given.is_insufficient[seed, modality - 1]
        assert rows.loc[(seed, modality), "n_test"] == chosen.sum() > 0
        assert rows.loc[(seed, modality), "error"] == pytest.approx(wrong[seed][chosen].mean())


def test_forecasts_come_from_the_start_and_the_training_samples(race):
    made, tables = race
    start, rates = feature_correlations(made.start, 5), theory.growth_rates(made.given["train"], made.activation)
    rows = select(tables["class_winners"], training="uni").set_index(["seed", "label"])
    for seed, label in rows.index:
        (first, second), (one, other) = start[seed, :, label], rates[seed, :, label]
        assert rows.loc[(seed, label), "log_advantage"] == pytest.approx(np.log(first / second) + 0.5 * np.log(one / other))
        blow_up = 1 / (8 * 2 * max(first**2 * one, second**2 * other))  # Γ' = η d Γ³
        assert rows.loc[(seed, label), "blow_up_step"] == pytest.approx(blow_up)
    assert (rows["is_exclusive"] == (rows["correlation_ratio"] < 0.1)).all()
    joint = select(tables["class_winners"], training="joint")
    shares = tables["winning_shares"].set_index("seed")["share"]
    assert shares.to_dict() == joint.assign(won=joint["winner"].eq(1)).groupby("seed")["won"].mean().to_dict()


def test_the_early_phase_ends_as_the_learning_rate_of_its_own_setting_says():
    p = load_params(PAPER, "modality_races", "smoke") | SMALL | {"n_steps": 1}
    settings = [{"setting": "a", "training": ["joint"]}, {"setting": "b", "training": ["joint"], "learning_rate": 2.0}]
    found = modality_races.compute(p | {"settings": settings})["class_winners"].pivot_table(
        index=["seed", "label"], columns="setting", values="blow_up_step"
    )
    np.testing.assert_allclose(found["b"], 4 * found["a"])


def test_a_seed_is_valid_when_all_of_its_features_were_learned_alone():
    correlations = np.full((1, 3, 2, 5), 2.0)
    correlations[0, 1, 0, 3] = 0.5
    correlations[0, 2] = 0.5
    race = SimpleNamespace(paths={"uni": SimpleNamespace(correlations=correlations)}, p={"learned_above": 1.0})
    assert modality_races.Race.is_valid(race).tolist() == [True, False, False]


def test_the_curve_of_theory_falls_with_the_strength_of_the_other_modality():
    p = load_params(PAPER, "modality_races", "smoke") | {"curve_scales": [0.7, 1.4, 3]}
    setting = modality_races._whole(p, {"setting": "base"})
    curve = modality_races._predictions(p, setting)["winning_curve"]
    assert curve["scale"].tolist() == pytest.approx([0.7, 1.05, 1.4])
    assert curve["share"].is_monotonic_decreasing
    assert curve["share"].iloc[0] > 0.9, "a weak second modality loses"
    assert curve["mixture_error"].to_numpy() == pytest.approx(0.02 * curve["share"] + 0.08 * (1 - curve["share"]))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    registry = load_yaml(ROOT / "workflow" / "datasets.yaml")
    found = {name: tmp_path_factory.mktemp(name) for name in images.DATASETS}
    for name, place in found.items():
        unpack(name, ROOT / "workflow" / "samples" / f"{name}.npz", place, registry[name]["classes"])
    return found


def test_image_rows_are_those_of_encoders_trained_by_hand(folders):
    sizes = {"train_sizes": [60], "n_test": 150, "n_epochs": 3, "batch_size": 20, "width": 16, "n_seeds": 1, "learning_rate": 0.5}
    p = load_params(PAPER, "paired_images", "smoke") | sizes
    found = paired_images.compute(p, folders)["encoder_errors"]

    def stream(*key):
        return [generator(PAPER, "paired_images", *key, seed=0)]

    given = {
        "train": pairs(source(folders, "train"), 60, stream("train", 60)),
        "test": pairs(source(folders, "test"), 150, stream("test")),
    }
    for training, n_joint in (("joint", 1), ("uni", 0)):
        encoders = initial_encoders(stream("weights"), dim=784, width=16, init_std=0.05)
        (order,) = stream("order", 60)
        for _ in range(3):
            places = order.permutation(60).reshape(3, 20)
            for chosen in places:
                batch = images.Pairs(given["train"].images[:, :, chosen], given["train"].labels[:, chosen])
                train_batch(encoders, batch, n_joint, 0.5)
        hidden = {split: np.maximum(part.images @ encoders.hidden, 0)[0].astype(float) for split, part in given.items()}
        for split, part in given.items():
            labels, scores = part.labels[0], hidden[split] @ encoders.heads[0].astype(float)
            rows = select(found, training=training, split=split).set_index(["predictor", "dataset"])["error"]
            assert rows["sum", "both"] == pytest.approx((scores.sum(axis=0).argmax(axis=1) != labels).mean())
            for at, dataset in enumerate(images.DATASETS):
                assert rows["own", dataset] == pytest.approx((scores[at].argmax(axis=1) != labels).mean())
                fitted = images.probe(hidden["train"][at], given["train"].labels[0], p["ridge"])
                probed = images.with_constant(hidden[split][at]) @ fitted
                assert rows["probe", dataset] == pytest.approx((probed.argmax(axis=1) != labels).mean(), abs=0.02)


def test_summaries_of_hand_made_tables():
    errors = pd.DataFrame({"setting": "base", "split": ["test", "test", "train"], "is_valid": [True, False, True], "seed": [0, 1, 2]})
    tables = {"prediction_errors": pd.concat([errors.assign(predictor=name, error=size) for name, size in (("uni1", 0.3), ("uni2", 0.1))])}
    valid = measures.valid_errors(tables, "base", "uni1", "uni2")
    assert valid.index.tolist() == [0], "valid seeds on test samples"
    assert measures.better_alone(valid) == "uni2"
    assert measures.share(pd.Series([1.0, 0.0, 0.0, 0.0])).std_error == pytest.approx(np.sqrt(0.25 * 0.75 / 4))
    assert measures.z_score(pd.Series([1.0, 3.0])).value == pytest.approx(2.0)
    rows = {"setting": "base", "scale": 1.0, "share": [0.6, 0.8, 0.5], "method": ["simulation"] * 2 + ["theory"], "n_classes": 5}
    (deviation,) = measures.share_deviations(pd.DataFrame(rows)).to_dict("records")
    assert deviation["std_error"] == pytest.approx(np.sqrt(0.25 / 10)), "ten classes of two seeds"
    keys = {"n_train": 9, "predictor": "own", "dataset": "mnist", "seed": 0}
    both = pd.DataFrame(
        [
            {**keys, "training": name, "split": split, "error": error}
            for name, split, error in (("joint", "test", 0.5), ("uni", "test", 0.2), ("joint", "train", 0.1), ("uni", "train", 0.1))
        ]
    )
    assert measures.image_gaps(both)["gap"].tolist() == pytest.approx([0.3])
