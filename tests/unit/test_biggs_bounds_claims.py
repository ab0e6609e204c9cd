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
DOCTORS = {
    "C1": put("bound", f"{LAST} and model == 'shel'", bound=1.02),
    "C2": put("bound", "kind == 'full' and seed == 3 and width == 50", stochastic_error_test="bound / 2 + 0.01"),
    "C3": put("bound", "kind == 'full' and seed == 2 and width == 400", bound=0.1),
    "C4": put("bound", f"{LAST} and model == 'shel' and width == 200", bound="bound + 0.2"),
    "C4_paper": put("bound", f"{LAST} and model == 'gelu'", bound="bound - 0.25"),
    "C5": put("bound", "model == 'gelu' and width == 200 and kind == 'coupled'", bound="bound + 0.4"),
    "C5_mnist": put("bound", "model == 'gelu' and width == 1600 and kind == 'coupled'", bound="bound + 0.7"),
    "C5_size": put("bound", "model == 'gelu' and width == 200 and kind == 'coupled'", bound="bound + 0.15"),
    "C6": put("bound", "model == 'shel' and width == 400 and kind == 'coupled'", bound=0.5),
    "C6_size": put("bound", "model == 'shel' and width == 400", stochastic_error=0.2),
    "C7": put("bound", "model == 'gelu' and learning_rate == 0.1", bound="bound - 0.2"),
    "C7_size": put("bound", "model == 'gelu' and learning_rate == 0.1", bound="bound - 0.14"),
    "C8": put("network", "model == 'shel' and dataset == 'mnist'", test_error=0.08),
    "C8_paper": put("network", "model == 'gelu' and width == 100", test_error=0.12),
    "C9": put("network", "seed == 1 and width == 50", wrong_frequency_min=0.2),
    "C9_share": put("network", "seed == 1 and width == 50", wrong_share=0.9),
    "C10": put("bound", "n_train == 15000", bound="bound - 0.4"),
    "C10_size": put("bound", "n_train == 15000", bound="bound - 0.25"),
    "C11": put("bound", f"{LAST} and model == 'gelu' and seed == 4", bound=0.2),
    "C12": put("bound", f"{LAST} and momentum == 0", bound="bound + 0.1"),
    "N1": put("bound", "labels == 'random' and seed == 2", bound=1.7),
    "N2": put("cifar_bound", "kind == 'coupled'", bound=1.9),
    "N3": put("bound", "kind == 'full_zero_prior' and width == 200", bound="bound - 0.5"),
}


def test_every_claim_has_a_doctored_table() -> None:
    assert set(DOCTORS) == {claim["claim"] for claim in CLAIMS}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["claim"])
def test_a_doctored_table_is_found_out(good: Tables, claim: dict) -> None:
    tables = DOCTORS[claim["claim"]](good)
    preset = claim["presets"][-1]
    assert verdicts(tables, preset, [claim]) == {claim["claim"]: "not_reproduced"}


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
