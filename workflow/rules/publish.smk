"""What is published: scorecard and page of all papers together, and of each paper for the target <paper>."""

for own in [None, *PAPERS]:
    told = PAPERS if own is None else {own: PAPERS[own]}

    rule:
        name:
            scorecard_rule(own)
        input:
            **{paper: claims_file(paper) for paper in told},
        output:
            table=f"{scorecard_file(own)}.parquet",
            page=f"{scorecard_file(own)}.md",
        log:
            f"logs/{RESULTS_NAME}/{scorecard_rule(own)}.log",
        benchmark:
            f"benchmarks/{RESULTS_NAME}/{scorecard_rule(own)}.tsv"
        localrule: True
        conda:
            "../../envs/cpu.yaml"
        threads: 1
        resources:
            mem_mb=500,
            runtime=5,
        params:
            preset=texts.preset(PRESET.name, PRESET.base),
            papers={
                key: {
                    "short": paper["short"],
                    "figures": {name: texts.label(entry) for name, entry in figures(key).items()},
                }
                for key, paper in told.items()
            },
            code=fingerprint("scripts/publish/scorecard.py"),
        script:
            "../../scripts/publish/scorecard.py"

    rule:
        name:
            page_rule(own)
        input:
            [path for paper in told for name in figures(paper) for path in figure_files(paper, name).values()],
            **{paper: claims_file(paper) for paper in told},
            scorecard=f"{scorecard_file(own)}.parquet",
            summary=f"{scorecard_file(own)}.md",
        output:
            page_file(own),
        log:
            f"logs/{RESULTS_NAME}/{page_rule(own)}.log",
        benchmark:
            f"benchmarks/{RESULTS_NAME}/{page_rule(own)}.tsv"
        localrule: True
        conda:
            "../../envs/cpu.yaml"
        threads: 1
        resources:
            mem_mb=500,
            runtime=5,
        params:
            preset={"name": PRESET.name, "base": PRESET.base},
            papers={
                key: {word: text for word, text in paper.items() if word not in ["runs", "claims", "published"]}
                | {"figures": told_figures(key)}
                for key, paper in told.items()
            },
            code=fingerprint("scripts/publish/gallery.py"),
        script:
            "../../scripts/publish/gallery.py"


for paper in PAPERS:

    rule:
        name:
            paper
        input:
            products(paper),
            page_file(paper),
        localrule: True
