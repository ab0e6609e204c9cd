"""What is published: scorecard and site of all papers together, and scorecard and page of each paper for the target <paper>."""

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
            [path for paper in told for path in products(paper)],
            **{paper: claims_file(paper) for paper in told},
            scorecard=f"{scorecard_file(own)}.parquet",
            summary=f"{scorecard_file(own)}.md",
        output:
            page_file(own),
            site_files() if own is None else [],
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
            preset=vars(PRESET),
            alone=own is not None,
            figures={key: list(figures(key)) for key in told},
            tables={key: used_tables(key) for key in told},
            datasets={name: {word: DATASETS[name][word] for word in ["title", "files"]} for name in NEEDED},
            words={key: words_of(key) for key in told},
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
