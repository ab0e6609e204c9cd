"""Where the pages lead: within the site to what is there, out of it to papers and repositories only."""

from types import SimpleNamespace
from urllib.parse import parse_qs

from repro import settings
from scripts.publish import gallery
from scripts.publish.pages.mathematics import code_links
from tests.gallery.conftest import MADE, WU, WU_TABLES, rendered
from tests.gallery.reader import read


def test_each_number_of_the_evidence_leads_to_as_many_claims(found):
    listed = [line for line in found["claims.html"].all("tr") if "id" in line]
    counted = [(link["href"], link["text"]) for link in found["index.html"].all("a") if link["href"].startswith("claims.html#kind=")]
    numbers = [(parse_qs(href.partition("#")[2]), int(text.split()[0])) for href, text in counted if "verdict=" in href]
    assert len(numbers) == 6
    for asked, number in numbers:
        assert number == sum([line["data-kind"]] == asked["kind"] and [line["data-verdict"]] == asked["verdict"] for line in listed)


def test_tables_and_parameters_have_a_page_of_their_own_that_the_paper_leads_to(found, alone):
    hrefs = {link["href"] for link in found[WU].all("a")}
    assert {"tables.html#runs", "tables.html#run-schedules", "tables.html#table-tuned_risk"} <= hrefs
    assert {"index.html", "index.html#E1"} <= {link["href"] for link in found[WU_TABLES].all("a")}
    assert not found[WU].all("section", id="runs")
    assert read(alone / "biggs_bounds.html").one("section", id="runs"), "a page alone holds them"


def test_code_is_linked_where_the_repository_is_known(papers, monkeypatch, tmp_path):
    made = {**MADE, "source": "https://example.org/a/b/blob/0123456789ab"}
    told = rendered(papers, made=made)
    page = told[WU]
    for where, path in (
        (WU, "scripts/wu_last_iterate/figures/fig1.py"),
        (WU, "workflow/papers/wu_last_iterate/"),
        (WU_TABLES, "scripts/wu_last_iterate/runs/schedules.py"),
    ):
        assert told[where].all("a", href=f"{made['source']}/{path}")
    (line,) = {link["href"] for link in page.all("a") if link["text"].endswith("claims.py: c5()")}
    number = int(line.removeprefix(f"{made['source']}/scripts/wu_last_iterate/claims.py#L"))
    assert (settings.ROOT / "scripts/wu_last_iterate/claims.py").read_text().splitlines()[number - 1].startswith("def c5(")
    monkeypatch.setattr(gallery.settings, "ROOT", tmp_path)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    assert gallery.source("abc") == ""
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
    monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
    assert gallery.source("abc") == ""
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    assert gallery.source("abc") == "https://github.com/owner/name/blob/abc"
    (tmp_path / "CITATION.cff").write_text("repository-code: https://example.org/a/b/\n")
    assert gallery.source("abc") == "https://example.org/a/b/blob/abc"
    assert gallery.source("") == ""


def test_nothing_is_loaded_from_elsewhere(found):
    for page in found.values():
        for element in page.elements:
            for name in ("src", "srcset", "data", "poster", "action"):
                assert "//" not in element.get(name, ""), element
            if element["tag"] != "a":
                assert "//" not in element.get("href", ""), element
            assert element["tag"] not in ("iframe", "object", "embed")
            assert not any(name.startswith("on") for name in element)
            assert element["tag"] != "script" or "src" not in element
        style = "".join(element["text"] for element in page.all("style"))
        assert "url(" not in style
        assert "@import" not in style


def test_links_that_leave_the_site_go_to_arxiv_and_repositories_only(found):
    hrefs = [link["href"] for page in found.values() for link in page.all("a")]
    assert {href for href in hrefs if "//" in href} == {
        "https://arxiv.org/abs/2110.06198",
        "https://github.com/biggs/shallow-nets",
        "https://github.com/other/repo.name",
    }
    assert not any(href.startswith("/") for href in hrefs)


def test_every_link_has_a_target_and_identifiers_are_unique(found, site):
    ids = {path: [element["id"] for element in page.elements if "id" in element] for path, page in found.items()}
    assert all(len(of_page) == len(set(of_page)) for of_page in ids.values())
    for path, page in found.items():
        for href in [link["href"] for link in page.all("a") if "//" not in link["href"]] + [image["src"] for image in page.all("img")]:
            file, _, anchor = href.partition("#")
            target = (site / path).parent / file if file else site / path
            assert target.resolve().is_file(), f"{path}: {href}"
            if anchor and "=" not in anchor:
                assert anchor in ids[target.resolve().relative_to(site.resolve()).as_posix()], f"{path}: {href}"


def test_a_page_alone_leads_nowhere_but_to_its_own_files(alone):
    page = read(alone / "biggs_bounds.html")
    hrefs = [link["href"] for link in page.all("a") if "//" not in link["href"]]
    files = {href for href in hrefs if not href.startswith("#")}
    assert files == {f"biggs_bounds/{name}" for name in ("fig2.svg", "fig2.pdf", "tab_best.csv", "tab_best.pdf", "bounds.parquet")}
    assert not page.all("nav", **{"class": "site"})
    assert len(page.all("img", src="biggs_bounds/fig2.png")) == 2


def test_nothing_that_can_be_pressed_stands_in_a_summary(found):
    assert not [link for page in found.values() for link in [*page.all("a"), *page.all("button")] if "summary" in link["within"]]


def test_repositories_are_told_apart_from_words_about_them():
    assert code_links("") == []
    assert code_links("a/b-c, read/only") == [("a/b-c", "a/b-c"), ("", ", read/only")]
    assert code_links("a/b (MIT); c/d.") == [("a/b", "a/b"), ("", " (MIT); "), ("c/d", "c/d"), ("", ".")]


def test_without_a_repository_the_pages_say_so(monkeypatch, tmp_path):
    monkeypatch.setattr(gallery, "settings", SimpleNamespace(ROOT=tmp_path))
    assert gallery.made()["commit"] == "in no repository"
