"""All figures of a run in one picture: rows of one height, papers in the order of the site, figures in that of their pages."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from repro.files import atomic

WIDTH = 1400  # pixels
ROW = 116  # pixels that rows are high, before they are stretched to the full width
GAP = 4
COLORS = 48
BETWEEN = "#c3c9cf"


def rows(widths: Sequence[float]) -> list[list[int]]:
    """Places of figures of given widths, row by row: a row is closed by the figure that brings it nearest to the full width."""
    found: list[list[int]] = [[]]
    filled = 0.0
    for at, width in enumerate(widths):
        if found[-1] and filled + width / 2 > WIDTH:
            found.append([])
            filled = 0.0
        found[-1].append(at)
        filled += width + GAP
    return found


def sheet(pictures: Sequence[Path]) -> Image.Image:
    """The pictures, row by row; the last row keeps its height where it does not fill the width."""
    ratios = []
    for path in pictures:
        with Image.open(path) as image:
            ratios.append(image.width / image.height)
    lines = rows([ROW * ratio for ratio in ratios])
    heights = [(WIDTH - GAP * (len(line) - 1)) / sum(ratios[at] for at in line) for line in lines]
    heights[-1] = min(heights[-1], 1.15 * ROW)
    whole = Image.new("RGB", (WIDTH, round(sum(heights)) + GAP * (len(lines) - 1)), BETWEEN)
    top = 0.0
    for line, height in zip(lines, heights, strict=True):
        left = 0.0
        for at in line:
            right = left + height * ratios[at]
            box = (round(left), round(top), round(right), round(top + height))
            with Image.open(pictures[at]) as image:
                small = image.convert("RGB").resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.LANCZOS)
            whole.paste(small, box[:2])
            left = right + GAP
        top += height + GAP
    return whole


def write(pictures: Sequence[Path], target: Path) -> None:
    """Write the sheet as a PNG with a palette."""
    small = sheet(pictures).quantize(COLORS, method=Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
    with atomic(target) as file:
        small.save(file, format="png", optimize=True)
