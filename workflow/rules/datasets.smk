for name, entry in DATASETS.items():

    # Only the record of what was fetched is an output. Archives may have been put there by hand, in a folder that others share: as
    # outputs Snakemake would delete them (--delete-all-output, or before a job), and judge those that are too large by their times.
    # Where bytes come from is no param, nor is the code that brings them, only the code that admits them: another mirror
    # or another way to download re-runs nothing.
    rule:
        name:
            f"fetch_{name}"
        output:
            update(f"{DATA}/raw/{name}/sources.json"),
        log:
            f"logs/data/fetch_{name}.log",
        benchmark:
            f"benchmarks/data/fetch_{name}.tsv"
        priority: DATA_FIRST
        localrule: True
        conda:
            "../../envs/cpu.yaml"
        threads: 1
        resources:
            mem_mb=400,
            runtime=120,
        params:
            dataset=name,
            members=entry["files"],
            code=fingerprint("scripts/datasets/content.py"),
        script:
            "../../scripts/datasets/fetch.py"

    rule:
        name:
            f"decode_{name}"
        input:
            f"{DATA}/raw/{name}/sources.json",
        output:
            [f"{DATA}/real/{name}/{file}" for file in DECODED],
        log:
            f"logs/data/decode_{name}.log",
        benchmark:
            f"benchmarks/data/decode_{name}.tsv"
        priority: DATA_FIRST
        localrule: True
        conda:
            "../../envs/cpu.yaml"
        threads: 1
        resources:
            mem_mb=700,
            runtime=10,
        params:
            dataset=name,
            entry={key: entry[key] for key in ["format", "classes", "shapes", "files"]},
            code=fingerprint("scripts/datasets/decode.py"),
        script:
            "../../scripts/datasets/decode.py"

    rule:
        name:
            f"sample_{name}"
        input:
            own(f"workflow/samples/{name}.npz"),
        output:
            [f"{DATA}/sample/{name}/{file}" for file in DECODED],
        log:
            f"logs/data/sample_{name}.log",
        benchmark:
            f"benchmarks/data/sample_{name}.tsv"
        priority: DATA_FIRST
        localrule: True
        conda:
            "../../envs/cpu.yaml"
        threads: 1
        resources:
            mem_mb=200,
            runtime=5,
        params:
            dataset=name,
            classes=entry["classes"],
            code=fingerprint("scripts/datasets/sample.py"),
        script:
            "../../scripts/datasets/sample.py"
