# What is published of all papers together: the scorecard and the page.


rule scorecard:
    input:
        **{paper: claims_file(paper) for paper in PAPERS},
    output:
        table=f"{RESULTS}/scorecard.parquet",
        page=f"{RESULTS}/scorecard.md",
    log:
        f"logs/{RESULTS_NAME}/scorecard.log",
    benchmark:
        f"benchmarks/{RESULTS_NAME}/scorecard.tsv"
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
            for key, paper in PAPERS.items()
        },
        code=fingerprint("scripts/publish/scorecard.py"),
    script:
        "../../scripts/publish/scorecard.py"


rule gallery:
    input:
        [path for paper in PAPERS for name in figures(paper) for path in figure_files(paper, name).values()],
        **{paper: claims_file(paper) for paper in PAPERS},
        scorecard=f"{RESULTS}/scorecard.parquet",
        summary=f"{RESULTS}/scorecard.md",
    output:
        f"{RESULTS}/index.html",
    log:
        f"logs/{RESULTS_NAME}/gallery.log",
    benchmark:
        f"benchmarks/{RESULTS_NAME}/gallery.tsv"
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
            key: {word: told for word, told in paper.items() if word not in ["runs", "claims", "published"]}
            | {"figures": told_figures(key)}
            for key, paper in PAPERS.items()
        },
        code=fingerprint("scripts/publish/gallery.py"),
    script:
        "../../scripts/publish/gallery.py"
