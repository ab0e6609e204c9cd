"""Loss, errors and similarity of encoders from small to large initial scale [saxe_race, E1]."""

from collections.abc import Mapping
from itertools import islice

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import seeds
from scripts.saxe_race import simulation
from scripts.saxe_race.model import (
    Network,
    compare_panels,
    encoder_similarity,
    gate_matrix,
    split_errors,
    squared_errors,
    toy_data,
    training_loss,
)

RUN = "initialization_scale"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    target, own, scales = toy_data(), seeds(p), np.array(p["initial_scales"])
    gate = gate_matrix(p["gate"], p["n_domains"], p["n_trained_outputs"])
    # the same directions at every scale: what differs between scales is the scale
    unit = simulation.random_networks(RUN, own, n_domains=p["n_domains"], width=p["width"], target=target, scale=1.0)
    start = Network(*(scales[:, None, None, None] * part for part in unit))
    rates = np.broadcast_to(p["base_learning_rate"] / np.cbrt(scales)[:, None], (len(scales), len(own)))
    loss = []
    for now, output in islice(simulation.descend(start, target, gate, rates), p["n_epochs"] + 1):
        encoders, squared = now.encoders, squared_errors(output, target)
        loss.append(training_loss(squared, gate, target))
    splits = split_errors(squared, gate)
    similarity = encoder_similarity(encoders, target.shape[1])
    shown = [p["initial_scales"].index(scale) for scale in p["shown_scales"]]
    axes = {"initial_scale": scales, "seed": own}
    domains, items = range(p["n_domains"]), range(target.shape[1])
    panels = {"initial_scale": scales[shown], "input_domain": domains, "other_domain": domains, "item": items, "other_item": items}
    return {
        "scale_loss": tidy({**axes, "epoch": range(len(loss))}, loss=np.stack(loss, axis=-1)),
        "scale_error": tidy({"split": splits, **axes}, error=np.stack(list(splits.values()))),
        "encoder_similarity": _comparison(axes, similarity, p["n_domains"]),
        "similarity_panels": tidy(panels, similarity=similarity[shown, 0]),
    }


def _comparison(axes: Mapping, similarity: np.ndarray, n_domains: int) -> pd.DataFrame:
    cosine, norm_ratio = compare_panels(similarity)
    table = tidy({**axes, "input_domain": range(n_domains), "other_domain": range(n_domains)}, cosine=cosine, norm_ratio=norm_ratio)
    return table[table["input_domain"] != table["other_domain"]].reset_index(drop=True)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
