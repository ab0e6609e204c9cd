"""Tables of munteanu_width that reproduce every claim: for the tests of its claims and its figures."""

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.settings import load_params
from scripts.munteanu_width import comparison, theory

PAPER = "munteanu_width"
CHANCES = {1: 0.0, 2: 0.0, 4: 0.1, 8: 0.2, 16: 0.5, 32: 0.8, 64: 1.0, 128: 1.0}
STARTS = comparison.INITIALIZATIONS


def tables_that_hold():
    """All tables, at the sizes of preset quick."""
    return circles() | {"transfer_probability": transfer(), "circle_training_run": trained()} | squared() | pairs()


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
