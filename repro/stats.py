"""Statistics that several papers use."""

import numpy as np
import numpy.typing as npt


def log_slope(x: npt.ArrayLike, y: npt.ArrayLike, std_error: npt.ArrayLike | None = None) -> tuple[float, float]:
    """Slope of ln y in ln x by ordinary least squares.

    Parameters
    ----------
    x, y : positive numbers.
    std_error : standard errors of y, taken as independent.

    Returns
    -------
    slope, standard error
        Not a number with fewer than two points; the error also where those of y are not known.
    """
    log_x, values = np.log(np.asarray(x, dtype=float)), np.asarray(y, dtype=float)
    if len(log_x) < 2:
        return np.nan, np.nan
    centred = log_x - log_x.mean()
    weights = centred / (centred @ centred)
    with np.errstate(divide="ignore", invalid="ignore"):  # a value of 0 has no logarithm: no slope either
        slope = float(weights @ np.log(values))
        relative = np.full(len(values), np.nan) if std_error is None else np.asarray(std_error, dtype=float) / values
    return slope if np.isfinite(slope) else np.nan, float(np.sqrt(np.sum((weights * relative) ** 2)))
