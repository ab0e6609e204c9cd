"""Arguments that make no sense are refused by name."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from repro import checks


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: checks.one_of("activation", "gleu", ("erf", "gelu")), "activation 'gleu' is not one of erf, gelu"),
        (lambda: checks.at_least(1, dim=0), "dim must be 1 or more, not 0"),
        (lambda: checks.at_least(1, dim=math.nan), "dim must be 1 or more, not nan"),
        (lambda: checks.at_least(0, time=[1.0, math.inf]), "time must be 0 or more, not inf"),
        (lambda: checks.positive(rate=1.0, width=-2), "width must be positive, not -2"),
        (lambda: checks.positive(rate=np.array([1.0, 0.0])), "rate must be positive, not 0"),
        (lambda: checks.finite(risk=[[1.0, math.nan]]), "risk must be finite, not nan"),
        (lambda: checks.within("share", 1.5, 0, 1), "share must be from 0 to 1, not 1.5"),
        (lambda: checks.within("share", math.nan, 0, 1), "share must be from 0 to 1, not nan"),
        (lambda: checks.within("momentum", 1, 0, 1, open_at="upper"), "momentum must be at least 0 and below 1, not 1"),
        (lambda: checks.within("delta", [0.5, 0], 0, 1, open_at="both"), "delta must be above 0 and below 1, not 0"),
        (lambda: checks.ascending("times", [0.0, 0.0]), "times must be one or more finite numbers that ascend"),
        (lambda: checks.ascending("times", []), "times must be one or more"),
        (lambda: checks.descending("eigenvalues", [1.0, 2.0]), "eigenvalues must be non-negative numbers in descending order"),
        (lambda: checks.descending("eigenvalues", [1.0, math.nan]), "eigenvalues must be"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(check: Callable[[], None], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check()


def test_what_makes_sense_passes() -> None:
    checks.one_of("activation", "erf", iter(["erf"]))
    checks.at_least(1, dim=1, width=np.array([1, 2]))
    checks.positive(rate=0.1)
    checks.finite(risk=np.zeros((2, 0)))
    checks.within("share", [0, 1], 0, 1)
    checks.ascending("times", [0.0])
    checks.descending("eigenvalues", [2.0, 2.0, 0.0])
