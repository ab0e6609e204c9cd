"""What the site may weigh: that of the last run here, at preset quick or else smoke; where there is none, that of made-up papers."""

import json
from pathlib import Path

import pytest

from repro.settings import ROOT
from scripts.publish import site as publishing
from tests.gallery.browser import Browser
from tests.gallery.reader import pages
from tests.gallery.test_browser import AXE, CUT_VERDICTS, HEADS, RULES, TOO_WIDE

pytestmark = pytest.mark.slow

FRONT, PAPER, PAGES, SITE = 400_000, 600_000, 8_000_000, 25_000_000  # bytes
SINGLE = 8_000_000
ELEMENTS = 3_000
SHEETS = 4
FIRST_PAINT = 1_000  # milliseconds

PAINT = """new Promise((done) => new PerformanceObserver((list) => done(list.getEntries()[0].startTime))
    .observe({type: "paint", buffered: true}))"""


@pytest.fixture(scope="module")
def whole(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site as it is published."""
    target = tmp_path_factory.mktemp("published")
    for results in (ROOT / "results" / "quick", ROOT / "results" / "smoke", site):
        try:
            publishing.copy(results, target / results.name)
        except FileNotFoundError:  # no run, or one of other code
            continue
        return target / results.name
    raise AssertionError


def loaded(page: Path) -> int:
    """Bytes of a page with all its images, before one is enlarged."""
    images = {image["src"] for image in pages(page.parent)[page.name].all("img")}
    return page.stat().st_size + sum((page.parent / image).stat().st_size for image in images)


def _first_paint(browser: Browser, page: Path) -> float:
    """Milliseconds until a visited page is first painted; visited again where other work may have held it up."""
    paint = browser.ask(PAINT)
    for _ in range(3):
        if paint > FIRST_PAINT:
            browser.visit(page)
            paint = browser.ask(PAINT)
    return paint


def test_front_and_papers_load_quickly(whole: Path) -> None:
    assert loaded(whole / "index.html") <= FRONT
    found = {page.relative_to(whole).as_posix(): loaded(page) for page in whole.glob("*/*.html")}
    assert {name: size for name, size in found.items() if size > PAPER} == {}


def test_the_site_is_small_enough_for_any_host(whole: Path) -> None:
    assert sum(page.stat().st_size for page in whole.rglob("*.html")) <= PAGES
    assert sum(path.stat().st_size for path in whole.rglob("*.*") if path.suffix not in (".csv", ".parquet")) <= SITE


def test_the_single_page_can_be_mailed(whole: Path) -> None:
    assert len(publishing.single(whole).encode()) <= SINGLE


@pytest.mark.browser
def test_pages_are_light_and_clean_on_paper_and_on_the_screen(browser: Browser, whole: Path, axe: str) -> None:
    faults = []
    for page in sorted(whole.rglob("*.html")):
        name = page.relative_to(whole).as_posix()
        browser.look(1400)
        browser.visit(page)
        if (n := browser.ask('document.querySelectorAll("*").length')) > ELEMENTS:
            faults.append(f"{name}: {n} elements")
        if (paint := _first_paint(browser, page)) > FIRST_PAINT:
            faults.append(f"{name}: first paint after {paint:.0f} ms")
        browser.look(750, paper=True)
        browser.visit(page)
        told = [browser.ask(question) for question in (TOO_WIDE, CUT_VERDICTS, HEADS)]
        faults += [f"{name}, in print: {fault}" for fault in told if fault]
        if page.name == "index.html" and page.parent != whole and (n := browser.sheets()) > SHEETS:
            faults.append(f"{name}: {n} sheets")
        browser.ask(axe + "; 0")
        if told := browser.ask(AXE.replace("RULES", json.dumps(RULES))):
            faults.append(f"{name}, in print: {told}")
    assert not faults, "\n".join(faults)
