"""Random matrices that several papers draw."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def haar_frame(rng: np.random.Generator, n_rows: int, n_columns: int) -> Array:
    """Orthonormal columns, uniform over all such frames: columns of a Haar-distributed orthogonal matrix.

    Parameters
    ----------
    rng : numpy.random.Generator
    n_rows, n_columns : int, with 1 ≤ n_columns ≤ n_rows.

    Returns
    -------
    ndarray, shape (n_rows, n_columns)

    Raises
    ------
    ValueError   if there are more columns than rows, or none.
    """
    if not 1 <= n_columns <= n_rows:
        raise ValueError(f"haar_frame: n_columns must be from 1 to n_rows = {n_rows}, not {n_columns}")
    frame, triangle = np.linalg.qr(rng.standard_normal((n_rows, n_columns)))
    # LAPACK fixes the signs of the columns by its own rule: without this step the frame would not be uniform.
    frame *= np.where(np.diagonal(triangle) < 0, -1.0, 1.0)
    return frame
