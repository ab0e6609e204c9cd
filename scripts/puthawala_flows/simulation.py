"""Fits of all seeds of a case, and what is measured on them [puthawala_flows, E2, E8, E10]."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from repro import seeds
from scripts.puthawala_flows.inputs import circle, draw_angles, equispaced, padded
from scripts.puthawala_flows.model import PAPER, nearest, wasserstein
from scripts.puthawala_flows.theory import linking_number, refined_polygon
from scripts.puthawala_flows.training import Flow, Schedule, Shape, fit, forward, initial_flow

Array = npt.NDArray[np.float64]
Params = Mapping[str, Any]


class Errors(NamedTuple):
    """Distances of the images of points from their targets, one entry a seed: the largest, and the root of the mean square."""

    sup: Array
    rms: Array


class Draws(NamedTuple):
    """Angles that one seed draws once: two samples of the target's law, a uniform one, and jitter."""

    target: Array
    other_target: Array
    uniform: Array
    jitter: Array


def fits(run: str, p: Params, ambient_dim: int, source: Array, target: Array) -> Iterator[Flow]:
    """Flows of all seeds after 0, 1, … steps; a seed starts from the same flow of R^m whatever the target.

    Parameters
    ----------
    run : name of the run, part of the key of its random streams.
    p : its parameters.
    ambient_dim : int, m
    source, target : ndarray, shape (N, n ≤ m), zeros being added behind.
    """
    streams = [seeds.generator(PAPER, run, "flow", ambient_dim, seed=seed) for seed in seeds.seeds(p)]
    start = initial_flow(streams, Shape(ambient_dim, p["depth"], p["width"]), p["log_scale_bound"])
    schedule = Schedule(p["n_steps"], p["learning_rate"], p["final_learning_rate"], p["gradient_clip"])
    return fit(start, padded(source, ambient_dim), padded(target, ambient_dim), schedule)


def image(flow: Flow, points: Array) -> Array:
    """Image of points of shape (N, n) or (S, N, n) with zeros behind, in the precision of the flow; float64 of shape (S, N, m)."""
    batch = padded(points if points.ndim == 3 else points[None], flow.shape.ambient_dim)
    return forward(flow, batch.astype(flow.parameters.dtype)).astype(np.float64)


def errors(flow: Flow, source: Array, target: Array) -> Errors:
    """Errors of every seed; source and target of shape (N, n ≤ m)."""
    squares = ((image(flow, source) - padded(target, flow.shape.ambient_dim)) ** 2).sum(axis=-1)
    return Errors(np.sqrt(squares.max(axis=1)), np.sqrt(squares.mean(axis=1)))


def boundary_linking(flow: Flow, place: int, radii: tuple[float, float], p: Params) -> float:
    """Linking number of the images of two circles under the flow of one seed of R^3; not a number if no polygon was fine enough."""
    alone = flow.seed(place)
    return curves_linking([lambda angle, r=r: image(alone, r * circle(angle))[0] for r in radii], p)


def curves_linking(curves: list[Any], p: Params) -> float:
    """Linking number of two closed curves, given as functions of the angle [puthawala_flows, E8]."""
    limits = {"start_points": p["linking_start_points"], "max_edge": p["linking_max_edge"], "max_rounds": p["linking_max_rounds"]}
    polygons = [refined_polygon(curve, **limits) for curve in curves]
    known = [polygon for polygon in polygons if polygon is not None]
    return linking_number(known[0], known[1]) if len(known) == 2 else float("nan")


def draws(run: str, p: Params, seed: int) -> Draws:
    """What a seed draws for the density step, whatever the dimension."""
    rng, n = seeds.generator(PAPER, run, "density", seed=seed), int(p["n_samples"])
    law = list(zip(p["density_weights"], p["density_means"], p["density_concentrations"], strict=True))
    target, other = draw_angles(rng, n, law), draw_angles(rng, n, law)
    return Draws(target, other, 2 * np.pi * rng.random(n), rng.normal(0, p["jitter"], size=n))


def transport(flow: Flow, drawn: list[Draws], targets: list[tuple[Array, Array]], n_latent_grid: int) -> list[dict[str, float]]:
    """Distances of every seed between the target's law and what the flow generates, with and without the density step.

    The density step sends each target sample to the latent of the nearest point of the range; these latents in order are the
    quantile function of a law on the circle, and the sample at its mid-quantiles is they themselves, plus jitter
    [puthawala_flows, E10].

    Parameters
    ----------
    flow : Flow
    drawn : what each seed drew
    targets : of each seed the points of its two target samples, each of shape (n, m)
    n_latent_grid : equispaced latents that stand for the range
    """
    grid = equispaced(n_latent_grid)
    found = [nearest(first, points) for (first, _), points in zip(targets, image(flow, circle(grid)), strict=True)]
    latents = [np.sort(grid[place]) + own.jitter for own, (_, place) in zip(drawn, found, strict=True)]
    generated = image(flow, circle(np.stack(latents)))
    uniform = image(flow, circle(np.stack([own.uniform for own in drawn])))
    return [
        {
            "hausdorff": float(distance.max()),
            "projection_rms": float(np.sqrt((distance**2).mean())),
            "w2_density": wasserstein(generated[s], second),
            "w2_uniform": wasserstein(uniform[s], second),
            "w2_floor": wasserstein(first, second),
        }
        for s, ((distance, _), (first, second)) in enumerate(zip(found, targets, strict=True))
    ]
