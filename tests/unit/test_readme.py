"""What README.md shows of a run is chosen and put in by a command."""

from pathlib import Path

import pytest

from repro.settings import ROOT
from scripts.publish import bench, readme, reference, wording

SHORTS = {"a": "A", "b": "B"}


def claim(paper: str, name: str, basis: str, verdict: str = "reproduced", role: str = "claim") -> wording.Row:
    numbers = {"measured": 0.5, "std_error": None, "predicted": None, "lower": 0.0, "upper": None, "strict": True}
    told = {"paper": paper, "claim": name, "basis": basis, "role": role, "verdict": verdict, "compare": "value"}
    return told | numbers | {"statement": f"The ratio of {name} is |$x$|."}


ROWS = [
    *(claim("a", f"T{n}", "theorem") for n in range(9)),
    claim("a", "N1", "theorem", role="negative_control"),
    claim("a", "U1", "published", "not_judged"),
    claim("b", "D1", "derived", "not_reproduced"),
    claim("b", "G1", "regression"),
    claim("b", "P1", "published"),
]


def test_six_claims_show_what_failed_first_and_every_kind() -> None:
    assert [row["claim"] for row in readme.chosen(ROWS)] == ["D1", "T0", "P1", "N1", "G1", "T1"]


def test_the_excerpt_keeps_its_columns() -> None:
    table = [line for line in readme.excerpt(ROWS, SHORTS).splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in table} == {7}
    assert "| B | The ratio of D1 is \\|x\\|. | derived | 0.5 | > 0 | not reproduced |" in table


def test_sections_are_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("before\n<!-- x: begin -->\nold\n<!-- x: end -->\nafter\n")
    readme.write(tmp_path, {"x": "new"})
    assert (tmp_path / "README.md").read_text() == "before\n<!-- x: begin -->\nnew\n<!-- x: end -->\nafter\n"


@pytest.mark.parametrize("name", ["figure", "gallery", "scorecard", "scales", "measured"])
def test_readme_has_the_places_that_the_commands_fill(name: str) -> None:
    text = (ROOT / "README.md").read_text()
    assert readme.replace(text, name, "new").count(f"<!-- {name}: begin -->\nnew\n<!-- {name}: end -->") == 1


def test_a_paper_over_its_limit_is_marked(tmp_path: Path) -> None:
    key = "biggs_bounds"
    (tmp_path / key).mkdir()
    (tmp_path / key / "run.log").write_text(f"12:00:00 r: done: 9.0 s, {bench.OF_PAPER + 1}.0 CPU s, 9 MB\n")
    table = bench.papers_table([claim(key, "T1", "theorem"), claim(key, "T2", "theorem", "not_judged")], tmp_path)
    assert table.splitlines()[-1].endswith(f"| {bench.OF_PAPER + 1}, **missed** | 1 of 1 | 1 |")


def test_the_scales_are_put_beside_each_other_from_the_references(tmp_path: Path) -> None:
    """A claim of lee_maslow that fails at the published scale only; a paper that was not run there has no line."""
    line = {"basis": "theorem", "part": "a", "measured": "0.5", "margin": "0.25"}
    cards = {"quick": ["lee_maslow", "saxe_race"], "paper": ["lee_maslow"]}
    for preset, papers in cards.items():
        verdict = "reproduced" if preset == "quick" else "not_reproduced"
        first = {key: next(iter(readme.settings.load_paper(key)["claims"]))["claim"] for key in papers}
        card = {f"{key}/{claim}": {"paper": key, "claim": claim, "verdict": verdict, **line} for key, claim in first.items()}
        reference.write({"scorecard": card, "tables": {}, "figures": {}}, tmp_path / "reference" / preset)
    (tmp_path / "README.md").write_text("<!-- scales: begin -->\n<!-- scales: end -->\n")
    readme.refresh_scales(tmp_path)
    rows = [text for text in (tmp_path / "README.md").read_text().splitlines() if text.startswith("| ")]
    assert len(rows) == 3
    assert rows[-1].startswith("| Lee et al. (Maslow) | 1 of 1 | 0 of 1 |")
