"""Haar frames are orthonormal and have no preferred direction."""

import numpy as np
import pytest

from repro.linalg import haar_frame


def test_columns_are_orthonormal() -> None:
    frame = haar_frame(np.random.default_rng(0), 30, 12)
    assert frame.shape == (30, 12)
    np.testing.assert_allclose(frame.T @ frame, np.eye(12), atol=1e-13)


def test_entries_have_the_moments_of_the_haar_measure() -> None:
    rng = np.random.default_rng(1)
    n_draws, n = 4000, 5
    frames = np.array([haar_frame(rng, n, n) for _ in range(n_draws)])
    mean, square = frames.mean(axis=0), (frames**2).mean(axis=0)
    # E q = 0, E q² = 1/n, E q⁴ = 3 / (n (n + 2)); without the sign fix the diagonal's mean is far from 0
    assert np.abs(mean).max() < 5 * np.sqrt(1 / n / n_draws)
    assert np.abs(square - 1 / n).max() < 5 * np.sqrt((3 / (n * (n + 2)) - 1 / n**2) / n_draws)


def test_both_determinants_occur() -> None:
    rng = np.random.default_rng(2)
    signs = np.array([np.linalg.det(haar_frame(rng, 3, 3)) for _ in range(1000)])
    assert abs(signs.mean()) < 5 / np.sqrt(len(signs))


@pytest.mark.parametrize("n_columns", [0, 4])
def test_a_size_that_makes_no_sense_is_refused(n_columns: int) -> None:
    with pytest.raises(ValueError, match="n_columns must be from 1 to n_rows = 3"):
        haar_frame(np.random.default_rng(0), 3, n_columns)
