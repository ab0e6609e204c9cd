"""The page: complete, self-contained, and safe for whatever a caption holds."""

import json
import struct
from html.parser import HTMLParser

import pandas as pd
import pytest
from markupsafe import escape

from repro import claims as judging
from scripts.publish.gallery import code_links, mathematics, png_size, render
from scripts.publish.scorecard import compute

VOID = {"meta", "link", "img", "br", "hr", "input"}


def figure(label, title, *tables, **other):
    facts = {"numbering": "memory", "layout": "ours", "settings": {"quick": "ours", "paper": "published", "says": "N = 64"}}
    if label.startswith("Companion"):
        facts["numbering"] = "none"
    told = {
        "shows": "Smallest excess risk over the stepsize grid, for $\\lambda_i = i^{-2}$. <script>alert(1)</script> & more.",
        "finding": [{"text": "Geometric decay wins: {C5.ratio_at_2048:.2f}.", "claims": ["C5"]}],
        "differs": "Layout ours.",
        "alt": "Geometric decay has the smallest excess risk of all schedules.",
        "settings_text": "$N = 64$, 8 seeds",
    }
    return {"label": label, "title": title, "tables": list(tables), **facts, **told, **other}


PAPERS = {
    "wu_last_iterate": {
        "paper": "wu_last_iterate",
        "title": "Last Iterate Risk Bounds of SGD with Decaying Stepsize for Overparameterized Linear Regression",
        "short": "Wu et al.",
        "authors": ["Jingfeng Wu", "Difan Zou", "Vladimir Braverman", "Quanquan Gu", "Sham M. Kakade"],
        "venue": "ICML 2022, PMLR 162:24280–24314",
        "arxiv": "2110.06198",
        "oral": True,
        "authors_code": None,
        "text_read": "abstract and introduction",
        "bibtex": "@inproceedings{wu2022last,\n  title = {Last Iterate Risk Bounds of {SGD}},\n  year = {2022}\n}\n",
        "in_one_sentence": "The last iterate does well in $d$ dimensions.",
        "model": ["Features $x$ of covariance $H$."],
        "equations": {"E1": {"tex": "w_t = w_{t-1}", "says": "SGD", "from": "memory"}},
        "figures": {
            "fig1": figure("Figure 1", "Tuned excess risk against sample size", "tuned_risk"),
            "sgd": figure(
                "Companion A",
                "Simulated SGD beside the exact recursion",
                "risk_trajectories",
                "kurtosis_test",
                finding=[{"text": "Lines through dots.", "claims": ["C6"]}],
            ),
        },
    },
    "biggs_bounds": {
        "paper": "biggs_bounds",
        "title": "Non-Vacuous Generalisation Bounds for Shallow Neural Networks",
        "short": "Biggs and Guedj",
        "authors": ["Felix Biggs", "Benjamin Guedj"],
        "venue": "ICML 2022, PMLR 162",
        "arxiv": None,
        "oral": False,
        "authors_code": "biggs/shallow-nets, no licence file; other/repo.name (MIT)",
        "text_read": "authors' code and released result tables",
        "bibtex": "@inproceedings{biggs2022}",
        "in_one_sentence": "Bounds can be small.",
        "model": ["A network."],
        "equations": {},
        "figures": {
            "fig2": figure("Figure 2", "Bounds on MNIST", "bounds", finding=[{"text": "Below one.", "claims": ["C1"]}]),
            "tab_best": figure("Table 1", "Best runs", "bounds", kind="table", finding=[{"text": "Small.", "claims": ["R1"]}]),
        },
    },
}

MEDIA = {
    ("wu_last_iterate", "fig1"): (1400, 1000),
    ("wu_last_iterate", "sgd"): (1400, 800),
    ("biggs_bounds", "fig2"): (680, 600),
    ("biggs_bounds", "tab_best"): pd.DataFrame({"network": ["erf <b>"], "bound": ["0.745"]}),
}


def row(paper, claim, name, verdict, **told):
    default = dict.fromkeys(judging.COLUMNS) | {"figures": "", "role": "claim", "basis": "theorem", "compare": "value", "note": ""}
    words = {"label": f"part {name}", "measures": f"largest {name}", "measured_in": "numerics", "source": "E1", "strict": False}
    return {
        **default,
        **words,
        "paper": paper,
        "claim": claim,
        "part": name,
        "verdict": verdict,
        "statement": f"Statement of {claim}",
        **told,
    }


CLAIMS = pd.DataFrame(
    [
        row(
            "wu_last_iterate",
            "C5",
            "ratio_at_2048",
            "reproduced",
            basis="published",
            figures="fig1, fig9",
            statement="With $w^*$ flat, tuned geometric decay beats every tuned polynomial decay <i>.",
            published=0.9,
            measured=0.883,
            std_error=0.004,
            upper=0.93,
            margin=0.047,
            n=12,
        ),
        row("wu_last_iterate", "C6", "gaussian", "reproduced", figures="sgd", measured=1.2, lower=-4.0, upper=4.0, margin=2.8),
        row("wu_last_iterate", "C6", "laplace", "not_reproduced", figures="sgd", measured=5.5, lower=-4.0, upper=4.0, margin=-1.5),
        row("wu_last_iterate", "N1", "wrong_model", "reproduced", role="negative_control", measured=-9.0, upper=-4.0, margin=5.0),
        row("biggs_bounds", "C1", "largest", "not_judged", basis="derived", figures="fig2", upper=0.0, note="no row with width = 100"),
        row("biggs_bounds", "R1", "level", "reproduced", basis="regression", measured=3.1, predicted=3.0, compare="ratio", upper=1.1),
    ],
    columns=list(judging.COLUMNS),
)


def page(**other):
    told = {"preset": {"name": "quick", "base": "quick"}, "sources": {"mnist": "real"}, "media": MEDIA} | other
    return render(PAPERS, compute(CLAIMS), CLAIMS, **told)


class Reader(HTMLParser):
    """Elements in order, with their text; complains about tags that are not closed."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self.open = [], []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", "within": [around["tag"] for around in self.open], **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag, **attributes):
        return [e for e in self.elements if e["tag"] == tag and all(e.get(name) == value for name, value in attributes.items())]


@pytest.fixture(scope="module")
def read():
    return Reader(page())


def test_every_figure_has_an_image_with_size_and_words_that_links_to_its_files(read):
    for (paper, name), medium in MEDIA.items():
        entry = PAPERS[paper]["figures"][name]
        (element,) = read.all("figure", id=f"{paper}-{name}")
        for words in (entry["title"], entry["label"], "Layout ours.", "8 seeds", *(f"{table}.parquet" for table in entry["tables"])):
            assert words in element["text"]
        assert read.all("a", href=f"{paper}/{name}.pdf")
        if isinstance(medium, tuple):
            (image,) = read.all("img", src=f"{paper}/{name}.png")
            assert (int(image["width"]), int(image["height"])) == tuple(round(size / 1.5) for size in medium)
            assert len(image["alt"]) >= 40
        else:
            assert "erf <b>" in element["text"]
            assert read.all("a", href=f"{paper}/{name}.csv")


def test_a_finding_is_told_only_where_its_claims_are_reproduced(read):
    told = {name: read.all("figure", id=name)[0]["text"] for name in ("wu_last_iterate-fig1", "wu_last_iterate-sgd", "biggs_bounds-fig2")}
    assert "Geometric decay wins: 0.88. (C5)" in told["wu_last_iterate-fig1"]
    assert "Lines through dots" not in told["wu_last_iterate-sgd"]
    assert "Not seen in this run: Statement of C6" in told["wu_last_iterate-sgd"]
    assert "Not judged in this run: Statement of C1" in told["biggs_bounds-fig2"]
    alts = {image["src"]: image["alt"] for image in read.all("img")}
    assert alts["wu_last_iterate/fig1.png"] == "Geometric decay has the smallest excess risk of all schedules."
    assert "was not seen or not judged in this run" in alts["wu_last_iterate/sgd.png"]


def test_facts_say_what_of_the_published_figure_was_known(read):
    facts = {name: read.all("figure", id=name)[0]["text"] for name in ("wu_last_iterate-fig1", "wu_last_iterate-sgd")}
    assert all(words in facts["wu_last_iterate-fig1"] for words in ("Figure 1 (number from memory)", "layout ours", "our settings"))
    assert "not in the paper" in facts["wu_last_iterate-sgd"]
    (at_paper,) = Reader(page(preset={"name": "paper", "base": "paper"})).all("figure", id="wu_last_iterate-fig1")
    assert "published settings" in at_paper["text"]


def test_every_claim_and_part_is_there_with_bounds_and_a_verdict_in_words(read):
    bodies = {body["id"]: body["text"] for body in read.all("tbody") if "id" in body}
    assert list(bodies) == ["wu_last_iterate-C5", "wu_last_iterate-C6", "wu_last_iterate-N1", "biggs_bounds-C1", "biggs_bounds-R1"]
    assert all(word in bodies["wu_last_iterate-C5"] for word in ("0.9 published", "0.883 ± 0.004", "≤ 0.93", "✓ reproduced", "Figure 1"))
    assert all(word in bodies["wu_last_iterate-C6"] for word in ("2 parts", "part gaussian", "part laplace", "−4 to 4", "✗ not reproduced"))
    assert "✓ fails, as it must" in bodies["wu_last_iterate-N1"]
    assert "○ not judged" in bodies["biggs_bounds-C1"]
    assert "Not judged: no row with width = 100" in bodies["biggs_bounds-C1"]
    assert "3.1 (ratio 1.033)" in bodies["biggs_bounds-R1"]


def test_what_did_not_come_out_stands_at_the_top_and_leads_to_its_claim(read):
    (header,) = read.all("header")
    assert "Wu et al. C6: Statement of C6" in header["text"]
    assert "bounds −4 to 4 (part laplace)" in header["text"]
    assert read.all("a", href="#wu_last_iterate-C6")
    nothing = CLAIMS[CLAIMS["verdict"] != "not_reproduced"]
    told = {"preset": {"name": "quick", "base": "quick"}, "sources": {}, "media": MEDIA}
    assert "None of the claims that were judged failed." in render(PAPERS, compute(nothing), nothing, **told)


def test_guards_are_folded_away_and_controls_stand_under_their_own_heading(read):
    assert "details" in read.all("tbody", id="biggs_bounds-R1")[0]["within"]
    assert "details" not in read.all("tbody", id="wu_last_iterate-N1")[0]["within"]
    assert [heading["text"] for heading in read.all("h3")] == ["Figures", "Claims", "Must fail", "Figures", "Claims"]


def test_mathematics_becomes_mathml_and_the_rest_is_escaped():
    html = mathematics(r"<b> $\lambda_i$")
    assert html.startswith("&lt;b&gt; <math")
    assert "λ" in str(html) or "&#x003BB;" in str(html)


@pytest.mark.parametrize(
    "tex",
    [
        "\\text{<script>alert(1)</script>}",
        "\\text{<b>bold</b>}",
        "\\text{<mi\tonclick='alert(1)'>x</mi>}",
        "\\href{javascript:alert(1)}{x}",
        "\\style{position:fixed}{x}",
        "\\text{</mtext></math><script>alert(1)</script>}",
    ],
)
def test_a_formula_makes_nothing_but_mathml(tex):
    assert mathematics(f"${tex}$") == escape(f"${tex}$")


@pytest.mark.parametrize("tex", ["\\frac", "{", "a_", "\\left(", "x & y"])
def test_a_wrong_formula_is_shown_as_it_stands_and_costs_no_page(tex):
    (shown,) = Reader(f"<p>{mathematics(f'${tex}$')}</p>").all("p")
    assert shown["text"] == f"${tex}$"


def test_nothing_is_loaded_from_elsewhere_and_no_script_runs(read):
    for element in read.elements:
        for name in ("src", "srcset", "data", "poster", "action"):
            assert "//" not in element.get(name, ""), element
        if element["tag"] != "a":
            assert "//" not in element.get("href", ""), element
        assert element["tag"] not in ("script", "iframe", "object", "embed")
        assert not any(name.startswith("on") for name in element)
    style = "".join(element["text"] for element in read.all("style"))
    assert "url(" not in style
    assert "@import" not in style


def test_links_that_leave_the_page_go_to_arxiv_and_repositories_only(read):
    hrefs = [link["href"] for link in read.all("a")]
    assert {href for href in hrefs if "//" in href} == {
        "https://arxiv.org/abs/2110.06198",
        "https://github.com/biggs/shallow-nets",
        "https://github.com/other/repo.name",
    }
    assert not any(href.startswith("/") for href in hrefs)


def test_links_within_the_page_have_a_target_and_identifiers_are_unique(read):
    ids = [element["id"] for element in read.elements if "id" in element]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in read.all("a") if link["href"].startswith("#")} <= set(ids)


def test_markup_in_captions_and_statements_is_shown_not_run():
    html = page()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more." in html
    assert "<script" not in html
    assert "polynomial decay &lt;i&gt;." in html


def test_paper_tells_where_it_was_published_and_how_much_of_it_was_read(read):
    (section,) = read.all("section", id="wu_last_iterate")
    for words in ("Jingfeng Wu, Difan Zou", "PMLR 162:24280–24314", "arXiv:2110.06198", "abstract and introduction", "none known"):
        assert words in section["text"]
    assert [badge["text"] for badge in read.all("span", **{"class": "badge oral"})] == ["oral"]
    bibtex = [element for element in read.all("pre") if "details" in element["within"]]
    assert "@inproceedings{wu2022last," in bibtex[0]["text"]


def test_headline_leaves_out_regression_guards(read):
    (header,) = read.all("header")
    text = "Evidence: 1 of 2 judged claims reproduced (published 1 of 1, theorem 0 of 1, derived none of 1 judged; 1 not judged)."
    assert text in header["text"]
    assert "data: MNIST as published" in header["text"]


def test_sample_data_are_called_out():
    assert "SAMPLE DATA" not in page()
    html = page(sources={"mnist": "sample"})
    assert "SAMPLE DATA, not the published MNIST" in html
    assert 'class="warning"' in html


def test_same_results_give_the_same_page():
    assert page() == page()


def test_repositories_are_told_apart_from_words_about_them():
    assert code_links("") == []
    assert code_links("a/b-c, read/only") == [("a/b-c", "a/b-c"), ("", ", read/only")]
    assert code_links("a/b (MIT); c/d.") == [("a/b", "a/b"), ("", " (MIT); "), ("c/d", "c/d"), ("", ".")]


def test_size_of_an_image_is_read_from_its_first_bytes(tmp_path):
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    good.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 1400, 1000) + b"more")
    bad.write_bytes(json.dumps({}).encode())
    assert png_size(good) == (1400, 1000)
    with pytest.raises(ValueError, match=r"bad\.png: not a PNG"):
        png_size(bad)
