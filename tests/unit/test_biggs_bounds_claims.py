"""Claims of biggs_bounds: all hold on tables of published numbers, each fails on a table doctored against it."""

from collections.abc import Callable

import pandas as pd
import pytest

from repro.claims import judge
from repro.settings import load_paper
from scripts.biggs_bounds import claims
from scripts.publish.scorecard import compute
from tests.unit.biggs_tables import published_tables

Tables = dict[str, pd.DataFrame]
PAPER = load_paper("biggs_bounds")
CLAIMS = PAPER["claims"]


@pytest.fixture(scope="module")
def good() -> Tables:
    return published_tables()


def verdicts(tables: Tables, preset: str, wanted: list[dict] = CLAIMS) -> dict[str, str]:
    """Verdict of every claim that the preset judges."""
    wanted = [claim for claim in wanted if preset in claim["presets"]]
    frame = judge("biggs_bounds", vars(claims), wanted, tables, base_preset=preset, published=PAPER["published"])
    scorecard = compute(frame)
    return dict(zip(scorecard["claim"], scorecard["verdict"], strict=True))


@pytest.mark.parametrize("preset", ["quick", "paper"])
def test_all_claims_hold_on_the_published_numbers(good: Tables, preset: str) -> None:
    assert {claim: verdict for claim, verdict in verdicts(good, preset).items() if verdict != "reproduced"} == {}


def put(table: str, where: str, **values: float | str) -> Callable[[Tables], Tables]:
    """Doctor that sets columns of the rows of a query; a text is evaluated on the table, e.g. "bound + 0.3"."""

    def doctored(tables: Tables) -> Tables:
        frame = tables[table].copy()
        rows = frame.query(where).index
        assert len(rows)
        for column, value in values.items():
            frame.loc[rows, column] = frame.loc[rows].eval(value) if isinstance(value, str) else value
        return {**tables, table: frame}

    return doctored


LAST = "kind == 'coupled_last_prior'"
DATASETS = {"mnist": "mnist", "fashion": "fashion_mnist"}


def at(part: str) -> str:
    """Query of the rows of a part that is named by model, data, and width and learning rate if it has them: "shel_mnist_50_lr03"."""
    model, data, *setting = part.split("_")
    query = f"model == '{model}' and dataset == '{DATASETS[data]}'"
    return query + (f" and width == {setting[0]} and learning_rate == 0.{setting[1][2:]}" if setting else "")


GELU_WIDE = "model == 'gelu' and width == 200 and kind == 'coupled'"
FAST = "model == 'gelu' and learning_rate == 0.1"
DOCTORS = {
    ("C1", "largest_bound"): put("bound", f"{LAST} and model == 'shel'", bound=1.02),
    **{
        ("C2", f"{kind}_slack"): put("bound", f"kind == '{kind}' and seed == 3 and width == 50", stochastic_error_test="bound / 2 + 0.01")
        for kind in ("coupled", "full")
    },
    ("C3", "largest_ratio"): put("bound", "kind == 'full' and seed == 2 and width == 400", bound=0.1),
    ("C5", "smallest_gap"): put("bound", GELU_WIDE, bound="bound + 0.4"),
    ("C5_mnist", "smallest_gap"): put("bound", "model == 'gelu' and width == 1600 and kind == 'coupled'", bound="bound + 0.7"),
    ("C5_size", "smallest_gap"): put("bound", GELU_WIDE, bound="bound + 0.15"),
    ("C6", "bound_gap"): put("bound", "model == 'shel' and width == 400 and kind == 'coupled'", bound=0.5),
    ("C6_size", "bound_gap"): put("bound", "model == 'shel' and width == 400 and kind == 'coupled'", bound=0.56),
    ("C6_size", "error_gap"): put("bound", "model == 'shel' and width == 400", stochastic_error=0.2),
    ("C7", "gap"): put("bound", FAST, bound="bound - 0.2"),
    ("C7_size", "gap"): put("bound", FAST, bound="bound - 0.14"),
    ("C9", "smallest_frequency"): put("network", "seed == 1 and width == 50", wrong_frequency_min=0.2),
    ("C9_share", "smallest_share"): put("network", "seed == 1 and width == 50", wrong_share=0.9),
    ("C10", "gap"): put("bound", "n_train == 15000", bound="bound - 0.4"),
    ("C10_size", "gap"): put("bound", "n_train == 15000", bound="bound - 0.25"),
    **{("N1", kind): put("bound", f"labels == 'random' and kind == '{kind}' and seed == 2", bound=1.7) for kind in ("coupled", "full")},
    ("N2", "smallest_bound"): put("cifar_bound", "kind == 'coupled'", bound=1.9),
    **{
        ("N3", f"width_{width}"): put("bound", f"kind == 'full_zero_prior' and width == {width}", bound=f"bound - {price}")
        for width, price in ((50, 0.9), (200, 0.7))
    },
}
SHIFTS = {
    "C4": ("bound", LAST, "bound + 0.2"),
    "C4_paper": ("bound", LAST, "bound - 0.25"),
    "C8": ("network", "momentum > 0", "test_error + 0.03"),
    "C8_paper": ("network", "momentum > 0", "test_error + 0.03"),
    "C11": ("bound", f"{LAST} and momentum > 0", "bound + 0.1"),
    "C12": ("bound", f"{LAST} and momentum == 0", "bound - 0.1"),
}
PARTS = [(claim, part["part"]) for claim in CLAIMS for part in claim["parts"]]


@pytest.mark.parametrize(("claim", "part"), PARTS, ids=lambda value: value if isinstance(value, str) else value["claim"])
def test_a_doctored_table_is_found_out(good: Tables, claim: dict, part: str) -> None:
    """One table a part, doctored in the rows of that part: it fails, and with it the claim."""
    name = claim["claim"]
    if name in SHIFTS:
        table, where, value = SHIFTS[name]
        doctor = put(table, f"{where} and {at(part)}", **{value.split()[0]: value})
    else:
        doctor = DOCTORS[name, part]
    preset = claim["presets"][-1]
    frame = judge("biggs_bounds", vars(claims), [claim], doctor(good), base_preset=preset, published=PAPER["published"])
    assert dict(zip(frame["part"], frame["verdict"], strict=True))[part] == "not_reproduced"
    assert verdicts(doctor(good), preset, [claim]) == {name: "not_reproduced"}


@pytest.mark.parametrize("column", ["bound", "stochastic_error", "stochastic_error_test"])
def test_what_is_not_a_number_is_never_good_news(good: Tables, column: str) -> None:
    """With a value that is none in a row of every kind, no claim about that column is reproduced: largest and smallest do not skip it."""
    holes = good["bound"]["seed"] == 4
    found = verdicts({**good, "bound": good["bound"].assign(**{column: good["bound"][column].mask(holes)})}, "paper")
    judged = {
        "bound": {claim for claim in found if claim not in ("C8_paper", "C9", "C9_share", "N2")},
        "stochastic_error": {"C6_size"},
        "stochastic_error_test": {"C2"},
    }
    assert {claim for claim, verdict in found.items() if verdict != "reproduced"} == judged[column]


def test_without_rows_nothing_is_judged(good: Tables) -> None:
    empty = {name: frame.iloc[:0] for name, frame in good.items()}
    assert set(verdicts(empty, "paper").values()) == {"not_judged"}


def test_claims_that_compare_two_settings_need_both(good: Tables) -> None:
    one_network = {**good, "bound": good["bound"].query("model == 'shel' and n_train == 60000 and kind == 'coupled'")}
    found = verdicts(one_network, "paper")
    assert {claim: found[claim] for claim in ("C3", "C5", "C10", "N3")} == dict.fromkeys(("C3", "C5", "C10", "N3"), "not_judged")


def test_random_labels_and_other_sizes_stay_out_of_the_other_claims(good: Tables) -> None:
    """Nonsense in rows of the control, of plain SGD and of other sizes moves no claim about momentum SGD on all data."""
    nonsense = put("bound", "labels == 'random' or momentum == 0 or n_train == 7500", bound="bound + 5")(good)
    found, before = verdicts(nonsense, "paper"), verdicts(good, "paper")
    assert {claim for claim in found if found[claim] != before[claim]} == {"C12"}


def test_a_mean_over_seeds_carries_its_standard_error(good: Tables) -> None:
    bound = good["bound"].copy()
    bound["bound"] += 0.001 * bound["seed"]
    measured = claims.c4_paper({**good, "bound": bound})["gelu_mnist_200_lr01"]
    assert measured.n == 10
    assert measured.value == pytest.approx(0.331 + 0.0055)
    assert measured.std_error == pytest.approx(0.001 * (sum((k - 5.5) ** 2 for k in range(1, 11)) / 90) ** 0.5)
