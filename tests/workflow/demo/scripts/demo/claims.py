"""What the demo's claims measure."""

from collections.abc import Mapping

import pandas as pd

from repro.claims import Measured, one
from repro.job import job

Tables = Mapping[str, pd.DataFrame]


def c1(tables: Tables) -> dict[str, Measured]:
    return {"largest": Measured(tables["walk"]["position"].abs().max(), n=len(tables["walk"]))}


def c2(tables: Tables) -> dict[str, Measured]:
    return {"mean": Measured(one(tables["brightness"], "brightness"))}


def c3(tables: Tables) -> dict[str, Measured]:
    return {"rows": Measured(tables["walk"]["seed"].nunique())}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
