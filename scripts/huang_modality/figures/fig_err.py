"""Test errors of joint training, of encoders alone and of their ensemble, against the mixture by winners [huang_modality, E6]."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.claims import Measured, MissingRows
from repro.figures import About, bounds, guide, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import Limits, band_at, categories, measured, strip
from scripts.huang_modality import claims, measures
from scripts.huang_modality.figures.drawing import ENSEMBLE, JOINT, MIXTURE, MODALITY_COLORS, TEST_ERROR, Tables, dots

PREDICTORS = {  # name below the axis, colour, legend
    "uni1": ("1 alone", MODALITY_COLORS[1], "modality 1"),
    "uni2": ("2 alone", MODALITY_COLORS[2], "modality 2"),
    "joint": ("joint", JOINT, "joint"),
    "joint_encoder1": ("1 of joint", MODALITY_COLORS[1], None),
    "joint_encoder2": ("2 of joint", MODALITY_COLORS[2], None),
    "ensemble": ("ensemble", ENSEMBLE, "ensemble"),
}
DIFFERENCES = [
    ("C5", "uni1", r"1 alone $-$ $\mu_1$"),
    ("C5", "uni2", r"2 alone $-$ $\mu_2$"),
    ("C4b", "joint_minus_mixture", "joint − mixture"),
    ("N3", "joint_minus_best", "joint − better alone,\nequal fractions"),
]
RATIOS = [("N2", "ensemble_over_joint", "ensemble\nover joint"), ("N3", "exclusive_share", "exclusive,\nequal fr.")]


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=5.2, height_ratios=[1, 0.62], width_ratios=[1.25, 1.25, 1])
    for ax, letter, setting, title in zip(axes[0], "ab", ("base", "equal_mu"), ("unequal fractions", "equal fractions"), strict=False):
        panel_label(ax, letter, about, title)
        panel_errors(ax, tables, setting, windows(tables, about) if setting == "base" else {})
    axes[0, 1].sharey(axes[0, 0])
    panel_label(axes[0, 2], "c", about, "one insufficient")
    panel_conditional(axes[0, 2], tables, about)
    values = measured(claims, tables, "C3", "C4b", "C5", "N2", "N3")
    joint_best = [("C3", "z_score", "joint −\nbetter alone")]
    cases = (
        ("d", "differences", DIFFERENCES, "difference of test errors"),
        ("e", "unequal fractions", joint_best, "standard errors"),
        ("f", "shares", RATIOS, "ratio or share"),
    )
    for ax, (letter, title, entries, label) in zip(axes[1], cases, strict=True):
        panel_label(ax, letter, about, title)
        strip(ax, about, values, entries, label)
    legend_below(fig, *axes.flat, n_columns=6)
    return fig


def windows(tables: Tables, about: About) -> dict[str, Limits]:
    """Bounds of the claims on single errors: of a difference from a fraction, as bounds of the error."""
    found = {"joint": bounds(about, "C4", "joint_error")}
    fractions = select(tables["winning_shares"], setting="base", method="theory")
    for r in (1, 2) if len(fractions) else ():
        fraction = float(fractions[f"insufficient_{r}"].iloc[0])
        lower, upper = bounds(about, "C5", f"uni{r}")
        found[f"uni{r}"] = (None if lower is None else fraction + lower, None if upper is None else fraction + upper)
    return found


def panel_errors(ax: Axes, tables: Tables, setting: str, limits: dict[str, Limits]) -> None:
    """Mean test errors of all predictors of a setting, and the mixture by the observed winners."""
    ax.set(yscale="log", ylim=(6e-4, 1.3), ylabel=TEST_ERROR)
    for place, (predictor, (_, color, label)) in enumerate(PREDICTORS.items()):
        if predictor in limits:
            band_at(ax, place, limits[predictor])
        dots(ax, [place], [_mean_error(tables, setting, predictor)], color, label=label)
    shares = select(tables["winning_shares"], setting=setting)
    mixture = select(shares, method="simulation")["mixture_error"]
    dots(ax, [len(PREDICTORS)], [measures.mean(mixture)], MIXTURE, label="mixture")
    fractions = {r: float(shares[f"insufficient_{r}"].iloc[0]) for r in (1, 2) if len(shares)}
    for r, fraction in fractions.items():
        name = rf"$\mu_{r}$" if len(set(fractions.values())) == len(fractions) else r"$\mu_r$"
        guide(ax, [-0.6, len(PREDICTORS) + 0.6], [fraction] * 2, name)
    categories(ax, [name for name, *_ in PREDICTORS.values()] + ["mixture"])
    ax.tick_params(axis="x", rotation=90)


def _mean_error(tables: Tables, setting: str, predictor: str) -> Measured:
    try:
        return measures.mean(measures.valid_errors(tables, setting, predictor)[predictor])
    except MissingRows:
        return Measured(float("nan"))


def panel_conditional(ax: Axes, tables: Tables, about: About) -> None:
    """Errors on samples insufficient in one modality, and how often that modality wins."""
    values = measured(claims, tables, "C6")
    shares = select(tables["winning_shares"], setting="base", method="simulation")["share"]
    ax.set(ylim=(0, 1), ylabel="share of samples or classes")
    for modality in (1, 2):
        for shift, predictor, color in ((-0.2, "joint", JOINT), (0.2, "ensemble", ENSEMBLE)):
            part = f"{predictor}_given_{modality}"
            band_at(ax, modality - 1 + shift, bounds(about, "C6", part), half=0.15)
            dots(ax, [modality - 1 + shift], [values.get(("C6", part), Measured(float("nan")))], color)
        won = measures.plain_mean(shares)
        won = won if modality == 1 else 1 - won
        simulated(ax, [modality - 1 - 0.2], [won], color=MIXTURE, marker="D", label="classes won" if modality == 1 else None)
    categories(ax, ["1", "2"])
    ax.set_xlabel("insufficient modality")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
