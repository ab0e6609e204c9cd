"""Exponents of the scaling laws [tomasini_krr, E6]; apart from the theory, so that figures need not import its numerics."""

from repro import checks

LAWS = ("extremal_points", "replica", "ridge")


def exponent(law: str, dim: int, depletion_exponent: float) -> float:
    """Exponents of the scaling laws [tomasini_krr, E6].

    Parameters
    ----------
    law : {"extremal_points", "replica", "ridge"}
        Decay of the ridgeless error with P, as it is and as replica theory has it; growth of the error with λ/P.
    dim : d ≥ 1.
    depletion_exponent : χ ≥ 0.

    Raises
    ------
    ValueError   for another law, no dimension or a negative χ.
    """
    checks.one_of("law", law, LAWS)
    checks.at_least(1, dim=dim)
    checks.at_least(0, depletion_exponent=depletion_exponent)
    layer = 1 + depletion_exponent
    if law == "extremal_points":
        return layer / (dim + depletion_exponent)
    with_ridge = layer / (dim + layer)
    return with_ridge if law == "ridge" else (1 + dim) / dim * with_ridge
