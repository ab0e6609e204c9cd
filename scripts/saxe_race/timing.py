"""Half-learning times of the modes, from a path of strengths and from theory [saxe_race, E5]."""

import numpy as np
import pandas as pd

from repro.frames import tidy
from scripts.saxe_race import theory
from scripts.saxe_race.model import Array

N_TIMED = 3
"""Modes whose time is taken: the fourth is as strong as the third."""


def half_learning(strengths: Array, modes: Array) -> Array:
    """Epoch at which b1 b2 b3 of every mode first reaches s/2, interpolated between epochs; not a number if it does not.

    Parameters
    ----------
    strengths : ndarray, shape (n_epochs, 3, n_modes)
        After 0, 1, 2, … epochs.
    modes : ndarray, shape (n_modes,)

    Returns
    -------
    ndarray, shape (n_modes,)
    """
    share = np.prod(strengths, axis=1) / modes
    return np.array([np.interp(0.5, of_mode, np.arange(len(of_mode)), right=np.nan) for of_mode in np.maximum.accumulate(share).T])


def theory_rows(modes: Array, start: float, routing: theory.Routing) -> pd.DataFrame:
    """Exact half-learning times of the strongest modes, and the delay of gradient descent."""
    timed = modes[:N_TIMED]
    return tidy(
        {"mode": range(1, N_TIMED + 1)},
        mode_strength=timed,
        method="theory",
        half_time=np.array([theory.learning_time(s, start, routing) for s in timed]),
        discretization_delay=np.array([theory.descent_delay(s, start, routing) for s in timed]),
    )


def simulation_rows(modes: Array, strengths: Array) -> pd.DataFrame:
    """Half-learning times of the strongest modes along a path; a mode that was not half learned has no row."""
    times = half_learning(strengths, modes)[:N_TIMED]
    return tidy(
        {"mode": range(1, N_TIMED + 1)}, mode_strength=modes[:N_TIMED], method="simulation", half_time=times, discretization_delay=np.nan
    ).dropna(subset="half_time")
