"""Figures of papers for tests: drawn from copies of the tables that their yaml names, which must stay as they are."""

import importlib
from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.settings import figure_about, load_paper


def draw(paper: str, name: str, tables: Mapping[str, pd.DataFrame], preset: str = "quick") -> Figure:
    """One figure; an AssertionError if its script changes a table."""
    copies = {table: tables[table].copy() for table in load_paper(paper)["figures"][name]["tables"]}
    fig: Figure = importlib.import_module(f"scripts.{paper}.figures.{name}").draw(copies, figure_about(paper, name, preset))
    for table, copy in copies.items():
        pd.testing.assert_frame_equal(copy, tables[table])
    return fig


def first_seed(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the smallest seed, and those without one."""
    return table[table["seed"].isna() | (table["seed"] == table["seed"].min())] if "seed" in table else table
