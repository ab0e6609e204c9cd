rule demo_walk:
    output:
        **tables("demo", "walk"),
    log:
        log_of("demo", "walk"),
    benchmark:
        bench_of("demo", "walk")
    priority: by_cost("demo", "walk")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=300),
        runtime=5,
        gpu=gpu_at("paper"),
    params:
        p=params("demo", "walk"),
        code=fingerprint("scripts/demo/runs/walk.py"),
    script:
        "../../scripts/demo/runs/walk.py"


rule demo_brightness:
    input:
        **dataset("mnist"),
    output:
        **tables("demo", "brightness"),
    log:
        log_of("demo", "brightness"),
    benchmark:
        bench_of("demo", "brightness")
    priority: by_cost("demo", "brightness")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=500),
        runtime=5,
    params:
        p=params("demo", "brightness"),
        code=fingerprint("scripts/demo/runs/brightness.py"),
    script:
        "../../scripts/demo/runs/brightness.py"
