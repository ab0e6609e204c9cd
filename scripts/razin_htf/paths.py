"""Pathfinder images: two marked paths of dashes among shorter ones; does one path join both markers?"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks

Array = npt.NDArray[Any]

N_TURNS = 24  # directions that are tried for the next dash
N_DISTRACTED = 30  # dashes of all shorter paths together, times their length


class Drawing(NamedTuple):
    """How images are drawn; lengths in pixels."""

    size: int = 300
    dash_length: int = 5
    dash_thickness: int = 2
    margin: int = 3
    """Empty pixels around a dash, and between two dashes of a path."""
    continuity: float = 1.8
    """A turn by an angle δ has a chance proportional to max(cos δ, 0)^continuity."""
    marker_radius: int = 3
    padding: int = 22
    """Empty border."""


class Canvas(NamedTuple):
    """What is drawn, and what is taken; both (size, size)."""

    ink: npt.NDArray[np.bool_]
    taken: npt.NDArray[np.bool_]


Point = tuple[float, float]


def draw_images(rng: np.random.Generator, n: int, path_length: int, drawing: Drawing) -> tuple[npt.NDArray[np.float32], Array]:
    """Images with two long paths and shorter ones, and whether one path joins both markers.

    Parameters
    ----------
    n : number of images.
    path_length : dashes of each of the two long paths; shorter ones have a third of it, and 30 / (that) are drawn.

    Returns
    -------
    images : ndarray of float32, shape (n, size, size)   0 or 1.
    joined : ndarray of float32, shape (n,)   1 with probability one half, else 0.

    Raises
    ------
    ValueError   if `n` or `path_length` is below 1, or a path does not fit between the borders.
    """
    checks.at_least(1, n=n, path_length=path_length)
    reach = path_length * (drawing.dash_length + drawing.margin)
    if reach > drawing.size - 2 * drawing.padding:
        raise ValueError(f"path_length: {path_length} dashes are {reach} pixels long and do not fit into {drawing.size} less the padding")
    joined = rng.integers(0, 2, n)
    images = np.stack([_image(rng, path_length, bool(each), drawing) for each in joined])
    return images.astype(np.float32), joined.astype(np.float32)


def _image(rng: np.random.Generator, path_length: int, joined: bool, drawing: Drawing) -> npt.NDArray[np.bool_]:
    canvas = Canvas(*(np.zeros((drawing.size, drawing.size), dtype=bool) for _ in range(2)))
    first, second = (_path(rng, path_length, canvas, drawing) for _ in range(2))
    n_dashes = max(1, path_length // 3)
    for _ in range(N_DISTRACTED // n_dashes):
        _path(rng, n_dashes, canvas, drawing)
    ends = first if joined else (first[rng.integers(2)], second[rng.integers(2)])
    for end in ends:
        _stroke(canvas.ink, end, end, drawing.marker_radius)
    return canvas.ink


def _path(rng: np.random.Generator, n_dashes: int, canvas: Canvas, drawing: Drawing) -> tuple[Point, Point]:
    """Draw a path where there is room; its two ends. A path that gets stuck begins anew somewhere else."""
    low, high = drawing.padding, drawing.size - drawing.padding
    while True:
        dashes = _grow(rng, rng.uniform(low, high, 2), n_dashes, canvas, drawing)
        if dashes is not None:
            break
    radius = drawing.dash_thickness / 2
    for start, stop in dashes:
        _stroke(canvas.ink, start, stop, radius)
        _stroke(canvas.taken, start, stop, radius + drawing.margin)
    return dashes[0][0], dashes[-1][1]


def _grow(rng: np.random.Generator, at: Array, n_dashes: int, canvas: Canvas, drawing: Drawing) -> list[tuple[Point, Point]] | None:
    """Dashes of a path from a point on; null where it gets stuck. A path keeps off others and off itself."""
    dashes: list[tuple[Point, Point]] = []
    angle = rng.uniform(0, 2 * np.pi)
    while len(dashes) < n_dashes:
        turns = rng.uniform(-np.pi / 2, np.pi / 2, N_TURNS)
        # Exponential times with these rates end in an order that draws without replacement.
        times = rng.exponential(size=N_TURNS) / np.cos(turns) ** drawing.continuity
        for turn in turns[np.argsort(times)]:
            towards = np.array([np.cos(angle + turn), np.sin(angle + turn)])
            start = at + drawing.margin * towards if dashes else at
            stop = start + drawing.dash_length * towards
            if _is_free(start, stop, dashes[:-1], canvas, drawing):
                dashes.append(((float(start[0]), float(start[1])), (float(stop[0]), float(stop[1]))))
                at, angle = stop, angle + turn
                break
        else:
            return None
    return dashes


def _is_free(start: Array, stop: Array, own: list[tuple[Point, Point]], canvas: Canvas, drawing: Drawing) -> bool:
    """Whether a dash stays within the border, off what is taken, and off the path's own dashes but the last."""
    low, high = drawing.padding, drawing.size - 1 - drawing.padding
    points = start + np.linspace(0, 1, drawing.dash_length + 1)[:, None] * (stop - start)
    if points.min() < low or points.max() > high:
        return False
    if canvas.taken[tuple(np.rint(points).astype(int).T)].any():
        return False
    apart = drawing.margin + drawing.dash_thickness
    return all(min(np.hypot(*(points - end).T).min() for end in np.array(dash)) >= apart for dash in own)


def _stroke(image: npt.NDArray[np.bool_], start: Point, stop: Point, radius: float) -> None:
    """Set all pixels within `radius` of a segment."""
    (x0, y0), (x1, y1) = start, stop
    left, right = int(min(x0, x1) - radius), int(max(x0, x1) + radius) + 2
    bottom, top = int(min(y0, y1) - radius), int(max(y0, y1) + radius) + 2
    left, bottom = max(left, 0), max(bottom, 0)
    x, y = np.arange(left, right)[:, None], np.arange(bottom, top)[None]
    squared = (x1 - x0) ** 2 + (y1 - y0) ** 2
    along = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / squared, 0, 1) if squared else 0.0
    near = (x - x0 - along * (x1 - x0)) ** 2 + (y - y0 - along * (y1 - y0)) ** 2 <= radius**2
    image[left:right, bottom:top] |= near[: image.shape[0] - left, : image.shape[1] - bottom]
