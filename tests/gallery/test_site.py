"""What is published: the site and what it links to, or one page with all of it inside."""

import re
from pathlib import Path

import pytest

from scripts.publish import site as publishing
from tests.gallery.reader import Reader


def test_a_site_holds_what_its_pages_name_and_nothing_else(site: Path, tmp_path: Path):
    (site / "biggs_bounds" / "bounds.shard-0.parquet").write_text("a shard")
    n_files = publishing.copy(site, tmp_path / "out")
    names = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert len(names) == n_files
    assert not [name for name in names if "shard" in name or "claims.parquet" in name]
    of_paper = [
        "bounds.csv",
        "bounds.parquet",
        "fig2.pdf",
        "fig2.png",
        "fig2.svg",
        "index.html",
        "tab_best.csv",
        "tab_best.pdf",
        "tables.html",
        "thumbnail.png",
    ]
    assert [name for name in names if name.startswith("biggs")] == [f"biggs_bounds/{name}" for name in of_paper]
    shared = ["claims.html", "how.html", "index.html", "open.html", "scorecard.csv", "scorecard.md", "scorecard.parquet", "site.json"]
    assert [name for name in names if "/" not in name] == shared


def test_a_file_that_is_not_there_stops_the_copy(site: Path, tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"no index\.html; make figures first"):
        publishing.copy(tmp_path, tmp_path / "out")
    publishing.copy(site, tmp_path / "copy")
    (tmp_path / "copy" / "scorecard.md").unlink()
    with pytest.raises(FileNotFoundError, match=r"scorecard\.md: a page links to it, and it is not there"):
        publishing.copy(tmp_path / "copy", tmp_path / "out")


def test_one_page_holds_the_whole_site(site: Path):
    html = publishing.single(site)
    page = Reader(html)
    assert [main["id"] for main in page.all("main")] == [
        *("index", "claims", "open", "how"),
        *("wu_last_iterate", "wu_last_iterate.tables", "biggs_bounds", "biggs_bounds.tables"),
    ]
    assert len(page.all("style")) == len([script for script in page.all("script") if "type" not in script]) == 1
    ids = [element["id"] for element in page.elements if "id" in element]
    assert len(ids) == len(set(ids))
    for link in page.all("a"):
        href = link["href"]
        assert href.startswith(("#", "https://")), href
        if href.startswith("#") and "=" not in href:
            assert href[1:] in ids, href
    assert {re.match(r"[a-z]+:[a-z/]+", image["src"]).group() for image in page.all("img")} == {"data:image/png"}
    assert 'href="#page=claims&amp;kind=theorem&amp;verdict=not_reproduced"' in html
