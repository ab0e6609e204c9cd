"""Results that came without Snakemake's records of them."""

from types import SimpleNamespace

from scripts.publish import records


def recipe(paper, run, name):
    """What would make a table of a run now."""
    script = f"scripts/{paper}/runs/{run}.py"
    count, given = n_shards(paper, run), params(paper, run)
    if count == 1:
        return records.Recipe(fingerprint(script), given, [table(paper, name)])
    parts = [given(SimpleNamespace(shard=shard)) for shard in range(count)]
    return records.Recipe(fingerprint(script), parts, expand(tables(paper, run)[name], shard=range(count)))


# Records in a database do not get lost with the folder.
if IS_OURS and workflow.workflow_settings.persistence_backend.name == "FILE":
    told = records.restore(
        {table(paper, name): recipe(paper, run, name) for paper in PAPERS for run, name in tables_of(paper)},
        [claims_file(paper) for paper in PAPERS]
        + [figure_files(paper, name)["pdf"] for paper in PAPERS for name in figures(paper)],
    )
    if told:
        print(told, file=sys.stderr)
