"""From datasets to figures and judged claims: 15 papers of the ICML 2022 "Theory" session."""

from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/hosted.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/datasets.smk"


for paper in PAPERS:

    include: f"workflow/rules/{paper}.smk"


include: "workflow/rules/figures.smk"
include: "workflow/rules/publish.smk"
include: "workflow/rules/records.smk"


rule all:
    default_target: True
    input:
        rules.scorecard.output,
        rules.gallery.output,
        [products(paper) for paper in PAPERS],
    localrule: True


onstart:
    first_steps()
    # Snakemake 9.27 returns to its scheduler once a second for every round that it has made, so that it takes a core of its own
    # after a hundred jobs. Only a limit of jobs a second needs that, and only clusters need the limit.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None
    why.keep()
    keep_parsed()
    TERMINAL.start()


onsuccess:
    last_words(failed=False)


onerror:
    last_words(failed=True)
