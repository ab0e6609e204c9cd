"""Join the shards of a run's tables, in order: the result is the table of one job."""

from pathlib import Path

from repro import tables
from repro.job import job

if "snakemake" in globals():
    with job(snakemake) as j:
        for name, path in snakemake.output.items():
            tables.join(snakemake.input[name], Path(path))
