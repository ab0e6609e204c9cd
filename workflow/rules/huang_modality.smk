rule huang_modality_modality_races:
    output:
        **tables("huang_modality", "modality_races"),
    log:
        log_of("huang_modality", "modality_races"),
    benchmark:
        bench_of("huang_modality", "modality_races")
    priority: by_cost("huang_modality", "modality_races")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=500, paper=800),
        runtime=by_preset(smoke=2, quick=10, paper=60),
    params:
        p=params("huang_modality", "modality_races"),
        code=fingerprint("scripts/huang_modality/runs/modality_races.py"),
    script:
        "../../scripts/huang_modality/runs/modality_races.py"


rule huang_modality_paired_images:
    input:
        **dataset("mnist", "fashion_mnist"),
    output:
        **tables("huang_modality", "paired_images"),
    log:
        log_of("huang_modality", "paired_images"),
    benchmark:
        bench_of("huang_modality", "paired_images")
    priority: by_cost("huang_modality", "paired_images")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=800, paper=1500),
        runtime=by_preset(smoke=2, quick=5, paper=30),
    params:
        p=params("huang_modality", "paired_images"),
        code=fingerprint("scripts/huang_modality/runs/paired_images.py"),
    script:
        "../../scripts/huang_modality/runs/paired_images.py"
