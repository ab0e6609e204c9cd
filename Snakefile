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


rule all:
    default_target: True
    input:
        rules.scorecard.output,
        rules.gallery.output,
        [products(paper) for paper in PAPERS],
    localrule: True


onstart:
    first_steps()
    why.keep()
    TERMINAL.start()


onsuccess:
    last_words(failed=False)


onerror:
    last_words(failed=True)
