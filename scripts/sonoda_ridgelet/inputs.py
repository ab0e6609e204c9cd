"""What the runs take from their parameters: target, test points, tables [sonoda_ridgelet, E6, E7]."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from scripts.sonoda_ridgelet.model import Bumps, Points, random_points
from scripts.sonoda_ridgelet.ridgelets import RidgeGrid


def bumps_of(p: Mapping[str, Any]) -> Bumps:
    """The target."""
    return Bumps(p["heat_time"], p["centres"], p["weights"])


def grid_of(p: Mapping[str, Any]) -> RidgeGrid:
    """Points and frequencies of the tables of ridges."""
    return RidgeGrid(p["n_beta"], p["beta_limit"], p["n_omega"], p["omega_limit"])


def points_of(p: Mapping[str, Any]) -> Points:
    """Test points: fixed over networks, pairs and variants."""
    return random_points(np.random.default_rng(p["test_seed"] + p["seed_offset"]), p["n_test"], p["test_radius"])
