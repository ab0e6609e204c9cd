"""Pieces that the figures of this paper share [huang_modality]."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from repro.claims import Measured
from repro.figures import COLORS, simulated

MODALITY_COLORS = {1: COLORS["blue"], 2: COLORS["red"]}
JOINT, ALONE, ENSEMBLE, MIXTURE = COLORS["black"], COLORS["orange"], COLORS["green"], COLORS["purple"]
TEST_ERROR = "test error"

Tables = Mapping[str, pd.DataFrame]


def dots(ax: Axes, places: Sequence[float], values: Sequence[Measured], color: str, **style: Any) -> None:
    """Measured values side by side, with two standard errors where they are known."""
    errors = [np.nan if value.std_error is None else value.std_error for value in values]
    simulated(ax, places, [value.value for value in values], errors, color=color, **style)
