"""Made from each paper's yaml: gathered shards, figures and claims."""

for paper in PAPERS:

    for run in [name for name in PAPERS[paper]["runs"] if n_shards(paper, name) > 1]:

        rule:
            name:
                f"{paper}_{run}_gather"
            input:
                **{name: expand(path, shard=range(n_shards(paper, run))) for name, path in tables(paper, run).items()},
            output:
                **{name: table(paper, name) for name in tables(paper, run)},
            log:
                log_of(paper, f"{run}_gather"),
            benchmark:
                bench_of(paper, f"{run}_gather")
            localrule: True
            conda:
                "../../envs/cpu.yaml"
            threads: 1
            resources:
                mem_mb=1000,
                runtime=10,
            params:
                code=fingerprint("scripts/publish/gather.py"),
            script:
                "../../scripts/publish/gather.py"

    for name, entry in figures(paper).items():

        rule:
            name:
                f"{paper}_{name}"
            input:
                **{used: table(paper, used) for used in entry["tables"]},
            output:
                **figure_files(paper, name)
                | {
                    shown(paper, name): report(
                        figure_files(paper, name)[shown(paper, name)],
                        caption="../report/figure.rst",
                        category=PAPERS[paper]["short"],
                        labels={"figure": texts.label(entry), "shows": entry["title"]},
                    )
                },
            log:
                log_of(paper, name),
            benchmark:
                bench_of(paper, name)
            localrule: True
            conda:
                "../../envs/cpu.yaml"
            threads: 1
            resources:
                mem_mb=1000,
                runtime=10,
            params:
                script=f"{paper}/figures/{name}.py",
                about=settings.figure_about(paper, name, PRESET),
                caption=caption(paper, name),
                code=fingerprint(f"scripts/{paper}/figures/{name}.py"),
            script:
                "../../scripts/{params.script}"

    rule:
        name:
            f"{paper}_claims"
        input:
            **{used: table(paper, used) for used in claim_tables(paper)},
        output:
            claims=claims_file(paper),
        log:
            log_of(paper, "claims"),
        benchmark:
            bench_of(paper, "claims")
        localrule: True
        conda:
            "../../envs/cpu.yaml"
        threads: 1
        resources:
            mem_mb=1000,
            runtime=10,
        params:
            script=f"{paper}/claims.py",
            claims=PAPERS[paper]["claims"],
            published=PAPERS[paper]["published"],
            base_preset=PRESET.base,
            code=fingerprint(f"scripts/{paper}/claims.py"),
        script:
            "../../scripts/{params.script}"
