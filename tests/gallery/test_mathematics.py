"""Formulas of the pages: letters, scripts and MathML, and nothing else, whatever their TeX holds."""

import pytest
from markupsafe import escape

from scripts.publish.pages.mathematics import formula, mathematics
from tests.gallery.reader import Reader


def test_mathematics_becomes_markup_and_the_rest_is_escaped():
    html = mathematics(r"<b> $\sqrt{\lambda}$ E1 E10", ["E1"], "p.html")
    assert html.startswith("&lt;b&gt; <math><msqrt>")
    assert "λ" in str(html) or "&#x003BB;" in str(html)
    assert "<mrow><mi>" not in str(html)
    assert html.endswith(' <a href="p.html#E1">E1</a> E10')


@pytest.mark.parametrize(
    ("tex", "html"),
    [
        (r"\lambda_i = i^{-2}", "<var>λ<sub>i</sub></var> = <var>i</var>⁻²"),
        ("w^*_i = 1", "<var>w<sub>i</sub></var><sup>*</sup> = 1"),
        (r"i^{-1}\ln^{-2}(i+1)", "<var>i</var>⁻¹ ln⁻²(<var>i</var> + 1)"),
        (r"-x < 3, \max_i y_i", "−<var>x</var> &lt; 3, max<sub><var>i</var></sub> <var>y<sub>i</sub></var>"),
        ("D^{-1/2} e^{a+b} x_0", "<var>D</var><sup>−1/2</sup><var>e</var><sup><var>a</var>+<var>b</var></sup><var>x</var>₀"),
        (r"\|\phi\| \le 1, |-x| = 2", "‖<var>ϕ</var>‖ ≤ 1, |−<var>x</var>| = 2"),
        (r"L\,\mathrm{tr} H_{\text{low}}", "<var>L</var> tr<var>H</var><sub>low</sub>"),
        (r"\langle -y, \ell \rangle", "⟨−<var>y</var>, <var>ℓ</var>⟩"),
    ],
)
def test_formulas_of_one_line_are_letters_and_scripts(tex, html):
    assert mathematics(f"${tex}$").replace("\u00a0", " ").replace("\u2009", " ") == html


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
