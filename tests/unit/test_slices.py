"""Slices of the dear runs: every run that asks for a GPU has one, and it is a part of the run."""

import re

import pytest

from benchmarks import slices
from repro.settings import ROOT, load_params


def test_every_run_that_asks_for_a_gpu_has_a_slice() -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "workflow" / "rules").glob("*.smk"))
    flagged = {rule.split(":", 1)[0] for rule in re.split(r"^rule ", text, flags=re.MULTILINE)[1:] if "gpu=gpu_at(" in rule}
    assert {f"{part.paper}_{part.run}" for part in slices.SLICES} == flagged


@pytest.mark.parametrize("part", slices.SLICES, ids=lambda part: f"{part.paper}_{part.run}")
def test_a_slice_is_a_part_of_its_run_in_two_lengths(part: slices.Slice) -> None:
    whole = load_params(part.paper, part.run, "paper")
    short, long = ({**whole, **part.changes, **length} for length in part.lengths)
    assert set(short) == set(long) == set(whole), "no other parameters than the run's"
    assert 0 < part.units(short) < part.units(long) < part.units(whole) / 100


def test_the_price_of_a_run_is_that_of_a_unit_times_its_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds to load and two seconds a unit."""
    part = slices.Slice("wu_last_iterate", "schedules", {}, ({"n": 1}, {"n": 3}), lambda p: p.get("n", 1000))
    monkeypatch.setattr(slices, "seconds", lambda _, length, device: (10 + 2 * length["n"], length["n"]))
    assert "wu_last_iterate_schedules: 2e+03 s by a slice of 2 in 1e+03 units that took 4 s" in slices.told(part, "cpu")
