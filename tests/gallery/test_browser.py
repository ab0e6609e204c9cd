"""What readers see in Chromium: at four widths, light, dark and in print, by keyboard, and without scripts."""

import json
from pathlib import Path

import pandas as pd
import pytest

from scripts.publish import site as publishing
from scripts.publish.pages import explore, render
from tests.gallery.browser import Browser
from tests.gallery.conftest import EXPLORE

pytestmark = pytest.mark.browser

WIDTHS = (390, 800, 1100, 1400)
PAGES = (
    *("index.html", "claims.html", "open.html", "how.html", "wu_last_iterate/index.html", "biggs_bounds/index.html"),
    *("wu_last_iterate/tables.html", "biggs_bounds/tables.html"),
)

# Elements that stick out of the window and stand in no scroller that the keyboard reaches.
TOO_WIDE = """[...document.querySelectorAll("body *")].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !e.closest("[tabindex]") && !e.closest(".skip, [hidden]");
}).map((e) => `${e.tagName}.${e.className}: ${e.textContent.slice(0, 40)}`)"""
# Verdicts that cannot be seen whole, of those that are not folded away.
CUT_VERDICTS = """[...document.querySelectorAll(".verdict")].filter((e) => {
    const box = e.getBoundingClientRect(), frame = e.closest(".frame")?.getBoundingClientRect() ?? {left: 0, right: innerWidth};
    return e.checkVisibility() && (box.left < frame.left - 1 || box.right > frame.right + 1);
}).map((e) => e.textContent)"""

# Heads of tables that say nothing, of those that are seen.
HEADS = """[...document.querySelectorAll("thead th")].filter((e) => e.checkVisibility() && !e.innerText.trim()).map((e) => e.outerHTML)"""

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]
AXE = """axe.run(document, {resultTypes: ["violations"], runOnly: RULES})
    .then((found) => found.violations.map((one) => [one.id, one.nodes.slice(0, 3).map((node) => node.html)]))"""


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off_and_every_verdict_is_seen(browser: Browser, site: Path, width: int) -> None:
    for dark in (False, True) if width == WIDTHS[0] else (False,):
        browser.look(width, dark=dark)
        for page in PAGES:
            browser.visit(site / page)
            browser.ask('document.querySelectorAll("details").forEach((e) => { e.open = true; })')
            assert browser.ask(TOO_WIDE) == [], page
            assert browser.ask("document.documentElement.scrollWidth <= innerWidth"), page
            assert browser.ask(CUT_VERDICTS) == [], page
            assert browser.errors == [], page
            assert [url for url in browser.requests if not url.startswith(("file:", "data:", "about:"))] == [], page


def test_print_shows_every_verdict_on_few_sheets(browser: Browser, site: Path) -> None:
    browser.look(750, paper=True)
    for page in PAGES:
        browser.visit(site / page)
        assert browser.ask(TOO_WIDE) == [], page
        assert browser.ask(CUT_VERDICTS) == [], page
        assert browser.ask(HEADS) == [], page
        assert browser.sheets() <= 2, page


@pytest.mark.parametrize("seen", [{}, {"dark": True}, {"paper": True}], ids=["light", "dark", "print"])
def test_axe_has_nothing_to_say(browser: Browser, site: Path, axe: str, seen: dict[str, bool]) -> None:
    rules = ["color-contrast"] if "dark" in seen else RULES
    browser.look(1100, **seen)
    for page in PAGES[::2] if "dark" in seen else PAGES:
        browser.visit(site / page)
        browser.ask('document.querySelectorAll("details").forEach((e) => { e.open = true; })')
        browser.ask(axe + "; 0")
        told = browser.ask(AXE.replace("RULES", json.dumps(rules)))
        assert told == [], f"{page}: {json.dumps(told, indent=1)}"


def test_the_address_keeps_what_is_asked_for(browser: Browser, site: Path) -> None:
    browser.look(1400)
    browser.visit(site / "claims.html", "#kind=theorem&verdict=reproduced")
    shown = '[...document.querySelectorAll("#claims tbody tr")].filter((e) => e.checkVisibility()).map((e) => e.id.split("-")[1])'
    assert browser.ask(shown) == ["C7"]
    assert browser.ask('document.querySelector("output").textContent') == "1 of 6 claims"
    browser.ask('document.querySelector("[name=verdict][value=not_reproduced]").click()')
    assert browser.ask(shown) == ["C6", "C7"]
    assert browser.ask("location.hash") == "#verdict=reproduced&verdict=not_reproduced&kind=theorem"
    browser.ask('document.querySelector("[type=search]").focus()')
    browser.press("Escape", 27)
    assert browser.ask("location.hash") == ""
    assert len(browser.ask(shown)) == 6
    browser.visit(site / "index.html", "#q=kakade")
    assert browser.ask('document.querySelector("output").textContent') == "1 of 2 papers"
    assert browser.errors == []


def test_a_table_is_sorted_by_the_column_that_is_asked(browser: Browser, site: Path) -> None:
    browser.look(1400)
    browser.visit(site / "claims.html")
    order = '[...document.querySelectorAll("#claims tbody tr")].map((e) => e.id.split("-")[1])'
    browser.ask('document.querySelector("#claims th:nth-child(5) button").click()')
    assert browser.ask(order) == ["N1", "C7", "C5", "R1", "C6", "C1"], "what has no number comes last"
    browser.ask('document.querySelector("#claims th:nth-child(5) button").click()')
    assert browser.ask(order)[:5] == ["C6", "R1", "C5", "C7", "N1"]
    assert browser.ask('document.querySelector("#claims th:nth-child(5)").getAttribute("aria-sort")') == "descending"


def test_a_figure_opens_in_large_by_keyboard_and_closes_again(browser: Browser, site: Path) -> None:
    browser.look(1100)
    browser.visit(site / "wu_last_iterate/index.html")
    assert browser.ask('document.querySelector("#fig1 img").getBoundingClientRect().width') >= 700
    browser.ask('document.querySelector("#fig1 .zoom").focus()')
    browser.press("Enter", 13)
    assert browser.ask('document.querySelector("dialog[open] img").src').endswith("fig1.svg")
    assert browser.ask('document.querySelector("dialog b").textContent').startswith("Figure 1")
    browser.press("Escape", 27)
    assert browser.ask('document.querySelector("dialog[open]")') is None
    assert browser.errors == []


def test_curves_are_chosen_divided_and_read_by_keyboard(browser: Browser, site: Path) -> None:
    browser.look(1100)
    browser.visit(site / "wu_last_iterate/index.html")
    browser.ask('document.querySelector(".explore summary").click()')
    browser.ask("new Promise((done) => setTimeout(done, 100))")
    assert browser.ask('[...document.querySelectorAll(".explore button")].map((e) => e.textContent)') == ["geometric", "geometric, odd 1"]
    said = 'document.querySelector(".explore output").textContent'
    browser.ask('document.querySelector(".explore button").focus()')
    assert browser.ask(said) == "geometric at pairs 2: 0.333 (range of seeds 0.333 to 0.333)"
    browser.press("ArrowLeft", 37)
    assert browser.ask(said).startswith("geometric at pairs 1: ")
    choose = 'const [, base] = document.querySelectorAll(".explore select"); base.value = 1; base.form.dispatchEvent(new Event("input"));'
    browser.ask(f'{choose} document.querySelectorAll(".explore button")[1].focus()')
    assert browser.ask(said).startswith("geometric, odd 1 at pairs 2: 2 ")
    assert browser.errors == []


WORDS = '[...document.querySelectorAll(".explore text")].map((e) => e.textContent)'


def choose(browser: Browser, page: Path, table: pd.DataFrame, spec: dict) -> list[str]:
    """The words in a plot that a page makes of a table."""
    box = explore.embedded(explore.curves(table, spec))
    html = f'<details class="explore"><summary>choose</summary><script type="application/json">{box}</script></details>'
    page.write_text(f"<body>{html}<script>{render.embedded(render.EXPLORE)}</script>", encoding="utf-8")
    browser.look(1100)
    browser.visit(page)
    browser.ask('document.querySelector("summary").click()')
    browser.ask("new Promise((done) => setTimeout(done, 100))")
    return browser.ask(WORDS)


def test_values_as_good_as_zero_do_not_make_an_axis_logarithmic(browser: Browser, tmp_path: Path) -> None:
    spec = {"x": {"pairs": "pairs"}, "y": {"risk": "risk"}, "lines": {"schedule": "{}"}}
    table = pd.DataFrame({"pairs": [1, 2, 3], "risk": [0.01, 0.5, 1.0], "schedule": ["geometric"] * 3})
    assert {"0.01", "0.1", "1"} <= set(choose(browser, tmp_path / "page.html", table, spec))
    table.loc[0, "risk"] = 1e-30
    assert {"0", "0.5", "1"} <= set(choose(browser, tmp_path / "page.html", table, spec))


def test_a_choice_of_many_values_is_a_slider_beneath_which_axes_stand_still(browser: Browser, tmp_path: Path) -> None:
    spec = EXPLORE | {"choose": {"n_train": "pairs"}, "x": {"risk": "risk"}, "y": {"n_train": "pairs"}}
    table = pd.DataFrame({"n_train": range(20), "risk": [0.5] * 20, "schedule": ["geometric"] * 20})
    before = choose(browser, tmp_path / "page.html", table, spec)
    browser.ask('document.querySelector("[type=range]").focus()')
    browser.press("ArrowRight", 39)
    after = browser.ask(WORDS)
    assert [words for words in before if words not in after] == ["risk, pairs 0"]
    assert [words for words in after if words not in before] == ["risk, pairs 1"]
    assert browser.errors == []


def test_an_address_opens_what_is_folded(browser: Browser, site: Path) -> None:
    browser.look(800)
    browser.visit(site / "biggs_bounds/index.html", "#R1")
    assert browser.ask('document.querySelector("#R1").open && document.querySelector("#guards").open')
    assert browser.ask('!document.querySelector(".contents").open'), "contents are folded on small screens"


def test_all_is_there_without_scripts(browser: Browser, site: Path) -> None:
    browser.look(1100, scripts=False)
    try:
        for page in PAGES:
            browser.visit(site / page)
            doing_nothing = 'document.querySelectorAll("form:not([hidden]), button:not([hidden])").length'
            assert browser.ask(doing_nothing) == 0, page
            assert browser.ask("document.body.innerText.length") > 500, page
            assert browser.errors == []
    finally:
        browser.look(1100)


def test_the_single_page_filters_and_zooms_too(browser: Browser, site: Path, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(publishing.single(site), encoding="utf-8")
    browser.look(1100)
    browser.visit(tmp_path / "index.html", "#page=claims&kind=theorem")
    assert browser.ask('[...document.querySelectorAll("output")].map((e) => e.textContent)') == ["2 of 2 papers", "2 of 6 claims"]
    assert browser.ask("scrollY") > 100
    browser.ask('document.querySelector("a.zoom").click()')
    assert browser.ask('document.querySelector("dialog[open] img").src').startswith("data:image/png")
    assert browser.errors == []
    assert [url for url in browser.requests if not url.startswith(("file:", "data:", "about:"))] == []
