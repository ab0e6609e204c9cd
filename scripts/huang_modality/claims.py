"""What each claim of huang_modality measures; statements, bounds and sources are in workflow/papers/huang_modality/claims.yaml."""

import math

import numpy as np

from repro.claims import Measured, MissingRows, Tables, largest, rows, smallest
from repro.job import job
from scripts.huang_modality import measures


def c1(tables: Tables) -> dict[str, Measured]:
    shares = {
        training: measures.winners(tables, "base", training).groupby("seed")["is_exclusive"].apply(measures.plain_mean)
        for training in ("joint", "uni")
    }
    return {"z_score": measures.z_score(shares["joint"] - shares["uni"])}


def c1b(tables: Tables) -> dict[str, Measured]:
    return {
        f"{training}_share": measures.share(measures.winners(tables, "base", training)["is_exclusive"]) for training in ("joint", "uni")
    }


def c2(tables: Tables) -> dict[str, Measured]:
    alone = rows(tables["feature_correlations"], training="uni")
    last = rows(alone, step=int(alone["step"].max()))
    seeds = rows(tables["prediction_errors"], setting="base", predictor="joint", split="test")
    return {"learned_share": measures.share(last["is_learned"]), "valid_share": measures.share(seeds["is_valid"])}


def c3(tables: Tables) -> dict[str, Measured]:
    errors = measures.valid_errors(tables, "base", "joint", "uni1", "uni2")
    return {"z_score": measures.z_score(errors["joint"] - errors[measures.better_alone(errors)])}


def c4(tables: Tables) -> dict[str, Measured]:
    return {"joint_error": measures.mean(measures.valid_errors(tables, "base", "joint")["joint"])}


def c4b(tables: Tables) -> dict[str, Measured]:
    joint = measures.valid_errors(tables, "base", "joint")["joint"]
    mixture = rows(tables["winning_shares"], setting="base", method="simulation").set_index("seed")["mixture_error"]
    return {"joint_minus_mixture": measures.mean(joint, predicted=measures.mean(mixture.reindex(joint.index)).value)}


def c5(tables: Tables) -> dict[str, Measured]:
    errors = measures.valid_errors(tables, "base", "uni1", "uni2")
    fractions = rows(tables["winning_shares"], setting="base", method="theory").iloc[0]
    return {f"uni{r}": measures.mean(errors[f"uni{r}"], predicted=float(fractions[f"insufficient_{r}"])) for r in (1, 2)}


def c6(tables: Tables) -> dict[str, Measured]:
    valid = rows(tables["conditional_errors"], is_valid=True)
    found = {}
    for predictor in ("joint", "ensemble"):
        for modality in (1, 2):
            of_part = rows(valid, predictor=predictor, insufficient_modality=modality)
            of_part = of_part[of_part["n_test"] > 0]  # a seed without such samples says nothing
            wrong, n_test = (of_part["error"] * of_part["n_test"]).sum(skipna=False), int(of_part["n_test"].sum())
            found[f"{predictor}_given_{modality}"] = Measured(float(wrong) / n_test if n_test else math.nan, n=n_test)
    return found


def c7(tables: Tables) -> dict[str, Measured]:
    told = c7b(tables)["predicted_share"]
    return {"z_score": Measured((told.value - 0.5) / math.sqrt(0.25 / (told.n or math.nan)), n=told.n)}


def c7b(tables: Tables) -> dict[str, Measured]:
    found = rows(tables["class_winners"], setting="base", training="joint")
    known = found[["winner", "predicted_winner"]].notna().all(axis=1)
    return {"predicted_share": measures.share((found["winner"] == found["predicted_winner"]).where(known))}


def c8(tables: Tables) -> dict[str, Measured]:
    z = measures.share_deviations(tables["winning_shares"])
    share = z.set_index("setting")["share"]
    needed = ["scale_0.8", "base", "scale_1.25"]
    if missing := set(needed) - set(share.index):
        raise MissingRows(f"no row with setting = {', '.join(sorted(missing))}")
    return {"largest_z": largest(z["z"].abs()), "smallest_drop": smallest(-np.diff(share[needed]))}


def c9(tables: Tables) -> dict[str, Measured]:
    gaps = (
        measures.image_gaps(rows(tables["encoder_errors"], n_train=2000))
        .groupby(["predictor", "dataset"])["gap"]
        .apply(measures.plain_mean)
    )
    if missing := {"own", "probe", "sum"} - set(gaps.index.get_level_values("predictor")):
        raise MissingRows(f"no row with predictor = {', '.join(sorted(missing))}")
    return {f"{predictor}_gap": smallest(gaps[predictor]) for predictor in ("own", "probe", "sum")}


def n1(tables: Tables) -> dict[str, Measured]:
    return {
        "exclusive_share": measures.share(measures.winners(tables, "init_0.1", "joint")["is_exclusive"]),
        "joint_minus_best": measures.joint_minus_best(tables, "init_0.1"),
    }


def n2(tables: Tables) -> dict[str, Measured]:
    errors = measures.valid_errors(tables, "base", "joint", "ensemble")
    joint, ensemble = (measures.mean(errors[name]).value for name in ("joint", "ensemble"))
    return {"ensemble_over_joint": Measured(ensemble / joint if joint else math.nan, n=len(errors))}


def n3(tables: Tables) -> dict[str, Measured]:
    return {
        "joint_minus_best": measures.joint_minus_best(tables, "equal_mu"),
        "exclusive_share": measures.share(measures.winners(tables, "equal_mu", "joint")["is_exclusive"]),
    }


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
