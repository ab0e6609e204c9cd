"""Formulas of the pages: MathML and nothing else, whatever their TeX holds."""

import pytest
from markupsafe import escape

from scripts.publish.pages.mathematics import formula, mathematics
from tests.gallery.reader import Reader


def test_mathematics_becomes_mathml_and_the_rest_is_escaped():
    html = mathematics(r"<b> $\sqrt{\lambda}$ E1 E10", ["E1"], "p.html")
    assert html.startswith("&lt;b&gt; <math><msqrt>")
    assert "λ" in str(html) or "&#x003BB;" in str(html)
    assert "<mrow><mi>" not in str(html)
    assert html.endswith(' <a href="p.html#E1">E1</a> E10')


def test_equations_have_no_rows_and_styles_that_they_can_do_without():
    assert formula("a = 1", "block") == '<math display="block"><mi>a</mi><mo>&#x0003D;</mo><mn>1</mn></math>'
    styled = r'<mfrac displaystyle="false" scriptlevel="0"><mn>1</mn><mn>2</mn></mfrac>'
    assert styled in formula(r"\tfrac12 x", "block")


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
