"""What the pages tell: complete, in words, and safe for whatever a caption holds."""

import json
import struct
from pathlib import Path

import pandas as pd
import pytest

from repro import settings, tables
from scripts.publish import gallery, wording
from scripts.publish.pages import render, runs
from scripts.publish.scorecard import compute, records
from tests.gallery.conftest import BIGGS, BIGGS_TABLES, CLAIMS, PAPERS, SIZES, WU, WU_TABLES, rendered, session
from tests.gallery.reader import Reader


def test_the_site_has_a_front_a_page_a_paper_and_three_listings(found):
    assert set(found) == {"index.html", "claims.html", "open.html", "how.html", WU, WU_TABLES, BIGGS, BIGGS_TABLES}
    assert all(len(page.all("h1")) == 1 and len(page.all("main")) == 1 and page.one("title")["text"] for page in found.values())


def test_every_figure_has_an_image_with_size_and_words_and_leads_to_its_files(found):
    for key, paper in PAPERS.items():
        page = found[f"{key}/index.html"]
        for name, entry in paper["figures"].items():
            element = page.one("figure", id=name)
            named = [f"{table}: CSV" for table in entry["tables"]]
            command = f"snakemake --force results/quick/{key}/{name}.pdf"
            for words in (entry["title"], entry["label"], "Layout ours.", "8 seeds", f"scripts/{key}/figures/{name}.py", command, *named):
                assert words in element["text"]
            assert page.all("a", href=f"{name}.pdf")
            if entry.get("kind") == "table":
                assert "erf <b>" in element["text"]
                assert page.all("a", href=f"{name}.csv")
            else:
                small, image = page.all("img", src=f"{name}.png")
                assert (small["class"], small["alt"]) == ("mini", ""), "in the contents, and not read out"
                assert (int(image["width"]), int(image["height"])) == tuple(round(size / 1.5) for size in SIZES[key, name])
                assert len(image["alt"]) >= 40
                assert page.all("a", href=f"{name}.svg", **{"class": "zoom"})


def test_a_finding_is_told_only_where_its_claims_are_reproduced(found):
    told = {(page, name): found[page].one("figure", id=name)["text"] for page, name in ((WU, "fig1"), (WU, "sgd"), (BIGGS, "fig2"))}
    assert "Geometric decay wins: 0.88. (C5)" in told[WU, "fig1"]
    assert "Lines through dots" not in told[WU, "sgd"]
    assert "Not seen in this run: Statement of C6" in told[WU, "sgd"]
    assert "Not judged in this run: Statement of C1" in told[BIGGS, "fig2"]
    assert found[WU].all("img", src="fig1.png")[-1]["alt"] == "Geometric decay has the smallest excess risk of all schedules."
    assert "was not seen or not judged in this run" in found[WU].all("img", src="sgd.png")[-1]["alt"]


def test_facts_say_what_of_the_published_figure_was_known(found, papers):
    first, second = (found[WU].one("figure", id=name)["text"] for name in ("fig1", "sgd"))
    assert all(words in first for words in ("Figure 1 (number from memory)", "layout ours", "our settings"))
    assert "not in the paper" in second
    at_paper = rendered(papers, preset=settings.builtin("paper"))
    assert "published settings" in at_paper[WU].one("figure", id="fig1")["text"]
    assert (
        "4 figures: none with the published layout and settings, 3 with published settings in a layout"
        in at_paper["index.html"].one("main")["text"]
    )


def test_front_splits_the_figures_honestly(found):
    split = "4 figures: none with the published layout and settings, none with published settings in a layout that was not seen, "
    assert (
        f"{split}3 after figures of the papers with settings of ours, 1 of ours that the papers do not have."
        in found["index.html"].one("main")["text"]
    )


def test_every_claim_is_there_once_with_parts_numbers_and_a_verdict_in_words(found):
    claims = {element["id"]: element["text"] for page in (WU, BIGGS) for element in found[page].all("details", **{"class": "claim"})}
    assert sorted(claims) == ["C1", "C5", "C6", "C7", "N1", "R1"]
    assert all(word in claims["C5"] for word in ("0.9 published", "0.883 ± 0.004", "≤ 0.93", "✓ reproduced", "Figure 1", "1\u202f200"))
    assert all(
        word in claims["C6"]
        for word in ("2 parts", "part gaussian", "part laplace", "−4 to 4", "✗ not reproduced", "38 % of the tolerance beyond")
    )
    assert "✓ fails, as it must" in claims["N1"]
    assert "○ not judged" in claims["C1"]
    assert "1 part not judged: judged at preset paper only" in claims["C1"]
    assert "3.1 (ratio 1.033)" in claims["R1"]
    assert "scripts/wu_last_iterate/claims.py: c5()" in claims["C5"]


def test_guards_are_folded_away_and_controls_stand_under_their_own_heading(found):
    assert "details" in found[BIGGS].one("details", id="R1")["within"]
    assert "details" not in found[WU].one("details", id="N1")["within"]
    headings = [heading["text"] for heading in found[WU].all("h2")]
    assert headings == ["The model", "Figures and claims", "Claims without a figure", "Must fail", "Cite"]
    assert "Guards against change (1)" in [heading["text"] for heading in found[BIGGS].all("h2")]


def test_counts_on_all_pages_are_those_of_the_scorecard(found, site):
    rows = records(compute(CLAIMS))
    table = found["claims.html"].one("table", id="claims")
    listed = [line for line in found["claims.html"].all("tr") if "id" in line]
    assert table["text"].count("Statement of") == len(rows) - 1, "that of C5 has words of its own"
    assert sorted((line["data-verdict"], line["data-kind"]) for line in listed) == sorted(
        (one["verdict"], wording.kind(one)) for one in rows
    )
    squares = [square for square in found["index.html"].all("i") if "title" in square]
    assert sorted(square["class"] for square in squares) == sorted(f"{one['verdict']} {wording.kind(one)}" for one in rows)
    told = json.loads((site / "site.json").read_text())
    assert [claim["verdict"] for paper in told["papers"] for claim in paper["claims"]] == [one["verdict"] for one in rows]
    assert told["commit"] == "0123456789ab"
    assert wording.headline([one for one in rows if one["paper"] == "wu_last_iterate"]) in found[WU].one("header")["text"]
    assert len((site / "scorecard.csv").read_text().splitlines()) == len(rows) + 1


def test_what_did_not_come_out_is_on_the_front_and_on_a_page_of_its_own(found, papers):
    failed = found["index.html"].one("ul", **{"class": "failed"})["text"]
    assert "Wu et al. C6 (theorem): Statement of C6 Measured 5.5, bounds −4 to 4 (part laplace)" in failed
    assert found["index.html"].all("a", href=f"{WU}#C6")
    told = found["open.html"].one("main")["text"]
    for words in (
        "measured 5.5, bounds −4 to 4",
        "38 % of the tolerance beyond",
        "snakemake wu_last_iterate_claims --config seed_offset=1000",
    ):
        assert words in told
    assert "No chance is in it" not in told
    assert "1 part of 1 claim. Judged at preset paper" in told
    assert "snakemake biggs_bounds_claims --config preset=paper" in told
    without_seeds = rendered(papers, claims=CLAIMS.assign(verdict="not_reproduced"))["open.html"].one("main")["text"]
    assert "No chance is in it" in without_seeds, "C5 is measured in a table that draws nothing at random"
    nothing = rendered(papers, claims=CLAIMS[CLAIMS["verdict"] != "not_reproduced"])
    assert "None of the 5 claims that were judged failed." in nothing["index.html"].one("main")["text"]
    smoke = CLAIMS.assign(verdict="not_judged", note="preset smoke: every rule runs, nothing is judged")
    pages_of = rendered(papers, claims=smoke, preset=settings.builtin("smoke"))
    assert "Nothing was judged in this run." in pages_of["index.html"].one("main")["text"]
    assert "Nothing was judged in this run" in pages_of["how.html"].one("main")["text"]
    assert "snakemake biggs_bounds_claims wu_last_iterate_claims" in pages_of["open.html"].one("main")["text"]


def test_claims_stand_in_the_order_of_what_is_closest_to_its_bound(found):
    assert [line["id"].partition("-")[2] for line in found["claims.html"].all("tr") if "id" in line] == ["C6", "C5", "R1", "N1", "C7", "C1"]


def test_one_claim_is_walked_through_with_the_numbers_of_the_run(found):
    text = found["how.html"].one("main")["text"]
    assert all(
        words in text
        for words in (
            "Wu et al. C5",
            "Largest ratio_at_2048. Here: 0.883 ± 0.004",
            "from 1\u202f200 observations",
            "≤ 0.93",
            "0.333333",
            "5.1 % of the bound",
        )
    )


def test_cards_tell_what_filters_ask_for_and_orals_come_first(found):
    cards = found["index.html"].all("article")
    assert [card["data-oral"] for card in cards] == ["yes", ""]
    assert cards[0]["data-verdict"].split() == ["not_reproduced", "reproduced"]
    assert (cards[1]["data-datasets"], cards[1]["data-gpu"], cards[1]["data-figures"]) == ("mnist", "yes", "settings")
    assert "The last iterate does well" in cards[0]["text"]
    assert "2.0 minutes of CPU time" in cards[0]["text"], "the tables of one run are counted once"
    asked = {box["name"] for box in found["index.html"].all("input", type="checkbox")}
    assert asked == {"verdict", "figures", "gpu", "oral"}, "of one dataset there is nothing to choose"


def test_this_run_says_scale_data_code_machine_and_seeds(found, papers):
    (facts,) = found["index.html"].all("dl", **{"class": "facts"})
    for words in (
        "small scale (preset quick)",
        "MNIST as published",
        "ab" * 32,
        "0123456789ab",
        "2 cores",
        "numpy 2.4.6",
        "3.0 minutes of CPU time",
    ):
        assert words in facts["text"]
    shifted = rendered(papers, preset=settings.Preset("quick", "quick", seed_offset=1000))
    assert "seeds shifted by 1000" in shifted[WU].one("footer")["text"]


def test_a_table_is_explained_and_its_csv_is_whole_or_says_that_it_is_not(found, site):
    text = found[WU_TABLES].one("details", id="run-simulation")["text"]
    for words in ("60000 rows, one per sample size", "CSV, first 1,000 rows", "may be infinite", "geometric, constant", "Exact risks, E1."):
        assert words in text
    assert len((site / "wu_last_iterate" / "kurtosis_test.csv").read_text().splitlines()) == 1001
    whole = pd.read_csv(site / "wu_last_iterate" / "tuned_risk.csv")
    pd.testing.assert_frame_equal(whole, tables.read(site / "wu_last_iterate" / "tuned_risk.parquet"), check_dtype=False)


def test_parameters_stand_at_every_preset_with_whence_they_come(found):
    lines = [line["text"] for line in found[WU_TABLES].all("tr") if line["text"].startswith(("dim", "n_stepsizes"))]
    assert lines[:2] == ["dim256[assumed]", "n_stepsizes1850"]


def test_comments_of_parameters_are_read_from_the_run_they_stand_in():
    first = "a:\n  params:\n    shared:\n      x: 1   # [code] of a\n"
    second = "b:\n  params:\n    shared:\n      x: 2   # [paper]\n    quick: {y: 1}  # all [assumed]\n    paper:\n      y: 3  # many\n"
    text = first + second
    assert runs.comments(text, "a") == {"x": ["[code] of a"]}
    assert runs.comments(text, "b") == {"x": ["[paper]"], "quick": ["all [assumed]"], "y": ["paper: many"]}


def test_markup_in_captions_and_statements_is_shown_not_run(found, site):
    html = (site / WU).read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more." in html
    assert "polynomial decay &lt;i&gt;." in html
    assert all(len([script for script in page.all("script") if "type" not in script]) == 1 for page in found.values()), "ours"
    assert html.count("</script>") == 2, "curves to choose from hold words of the yaml, too"


def test_paper_tells_where_it_was_published_and_how_much_of_it_was_read(found):
    header = found[WU].one("header")["text"]
    for words in ("Jingfeng Wu, Difan Zou", "PMLR 162:24280–24314", "arXiv:2110.06198", "abstract and introduction", "none known", "oral"):
        assert words in header
    assert "@inproceedings{wu2022last," in found[WU].one("pre")["text"]
    assert found[WU].all("a", rel="next", href=f"../{BIGGS}")
    assert found[BIGGS].all("a", rel="prev", href=f"../{WU}")


def test_sample_data_are_called_out_on_every_page(found, papers):
    assert not any(page.all("p", **{"class": "sampled"}) for page in found.values())
    sampled = rendered(papers, sources={"mnist": "sample"})
    assert all("Sample data." in page.one("p", **{"class": "sampled"})["text"] for page in sampled.values())
    assert "SAMPLE DATA, not the published MNIST" in sampled["index.html"].one("main")["text"]
    assert "SHA-256" not in sampled["index.html"].one("main")["text"], "the hashes are those of the published files"


def test_figures_on_sample_data_are_marked(papers):
    told = session(papers)
    told["tables"]["biggs_bounds", "bounds"]["sources"] = {"mnist": "sample"}
    marked = {
        path: [e["class"] for e in Reader(html).elements if "on-sample" in (e.get("class") or "")] for path, html in render.pages(told)
    }
    assert marked[BIGGS] == ["zoom on-sample", "frame on-sample"]
    assert marked[WU] == []


def test_same_results_give_the_same_pages(papers):
    once, again = (dict(render.pages(session(papers))) for _ in range(2))
    assert once == again


def test_every_template_counts_as_code():
    named = {*render.SHARED, render.STYLE, render.SCRIPT, render.EXPLORE, render.PAPER, render.TABLES}
    named |= {template for template, _ in render.LISTINGS.values()}
    assert named == {path.name for path in Path(render.__file__).parent.iterdir() if path.is_file() and path.suffix != ".py"}


def test_budgets_are_kept(found, site):
    assert all(len(render.embedded(name).encode()) <= 6_000 for name in (render.SCRIPT, render.EXPLORE))
    assert len(render.embedded(render.STYLE).encode()) <= 12_000
    assert (site / "wu_last_iterate" / "thumbnail.png").stat().st_size <= 15_000
    empty = len((site / "index.html").read_bytes()) - sum(len(card["text"]) for card in found["index.html"].all("article"))
    assert empty <= 40_000, "fifteen cards of 4 kB beside 15 thumbnails of 15 kB keep the front below 400 kB"


def test_size_of_an_image_is_read_from_its_first_bytes(tmp_path):
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    good.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 1400, 1000) + b"more")
    bad.write_bytes(json.dumps({}).encode())
    assert gallery.png_size(good) == (1400, 1000)
    with pytest.raises(ValueError, match=r"bad\.png: not a PNG"):
        gallery.png_size(bad)
