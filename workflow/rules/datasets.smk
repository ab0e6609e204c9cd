for name, entry in DATASETS.items():

    # Flagged as updated: Snakemake would delete files that lie there before the script could see that they are good.
    # Where bytes come from is no param, nor is the code that brings them, only the code that admits them: another mirror
    # or another way to download re-runs nothing.
    rule:
        name:
            f"fetch_{name}"
        output:
            sources=update(f"{DATA}/raw/{name}/sources.json"),
            files=[update(f"{DATA}/raw/{name}/{file}") for file in entry["files"]],
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
            sources=f"{DATA}/raw/{name}/sources.json",
            files=[f"{DATA}/raw/{name}/{file}" for file in entry["files"]],
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
