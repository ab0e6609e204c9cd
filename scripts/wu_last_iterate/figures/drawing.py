"""The look of a schedule, the same in every figure [wu_last_iterate]."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from repro.figures import COLORS

SPECTRUM_LABELS = {"power": r"$\lambda_i = i^{-2}$", "power_log": r"$\lambda_i = i^{-1}\ln(i+1)^{-2}$"}
TARGET_LABELS = {"flat": r"$w^*_i = 1$", "inverse": r"$w^*_i = i^{-1}$", "inverse_square": r"$w^*_i = i^{-2}$"}

POLYNOMIAL_COLORS = {0.25: COLORS["pink"], 0.5: COLORS["orange"], 0.75: COLORS["brown"], 1.0: COLORS["red"]}
LINES = {
    ("geometric", False): {"label": "geometric, $s = 0$", "color": COLORS["blue"]},
    ("geometric", True): {"label": "geometric, $s = N/2$", "color": COLORS["sky"]},
    ("constant", False): {"label": "constant", "color": COLORS["black"]},
    ("iterate_average", False): {"label": "constant, average of all", "color": COLORS["grey"]},
    ("tail_average", False): {"label": "constant, average of last half", "color": COLORS["green"]},
}


def curves(table: pd.DataFrame, x: str) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Split a table into its schedules: for each the keywords of a line (label, colour, style), and its rows in order of x.

    A tail variant holds the initial stepsize for half of the steps; that of polynomial decay is dashed.
    """
    keys = [table["schedule"], table["decay_exponent"].fillna(0.0), table["constant_steps"] > 0]
    for (schedule, exponent, tail), rows in table.groupby(keys, sort=False):
        yield _polynomial_line(exponent, tail) if schedule == "polynomial" else LINES[schedule, tail], rows.sort_values(x)


def _polynomial_line(exponent: float, tail: bool) -> dict[str, Any]:
    """Colour by exponent, dashed with s = N/2."""
    label = f"polynomial $a = {exponent:g}$, $s = {'N/2' if tail else '0'}$"
    return {"label": label, "color": POLYNOMIAL_COLORS.get(exponent, COLORS["grey"]), "linestyle": "--" if tail else "-"}
