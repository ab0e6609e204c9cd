rule razin_htf_factorisations:
    output:
        **tables("razin_htf", "factorisations"),
    log:
        log_of("razin_htf", "factorisations"),
    benchmark:
        bench_of("razin_htf", "factorisations")
    priority: by_cost("razin_htf", "factorisations")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=500, paper=800),
        runtime=by_preset(smoke=2, quick=10, paper=60),
    params:
        p=params("razin_htf", "factorisations"),
        code=fingerprint("scripts/razin_htf/runs/factorisations.py"),
    script:
        "../../scripts/razin_htf/runs/factorisations.py"


rule razin_htf_theorem_flow:
    output:
        **tables("razin_htf", "theorem_flow"),
    log:
        log_of("razin_htf", "theorem_flow"),
    benchmark:
        bench_of("razin_htf", "theorem_flow")
    priority: by_cost("razin_htf", "theorem_flow")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=300),
        runtime=2,
    params:
        p=params("razin_htf", "theorem_flow"),
        code=fingerprint("scripts/razin_htf/runs/theorem_flow.py"),
    script:
        "../../scripts/razin_htf/runs/theorem_flow.py"


rule razin_htf_locality:
    input:
        **dataset("cifar10"),
    output:
        **tables("razin_htf", "locality"),
    log:
        log_of("razin_htf", "locality"),
    benchmark:
        bench_of("razin_htf", "locality")
    priority: by_cost("razin_htf", "locality")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=500, quick=900, paper=6000),
        runtime=by_preset(smoke=2, quick=20, paper=2880),
        gpu=gpu_at("paper"),
    params:
        p=params("razin_htf", "locality"),
        code=fingerprint("scripts/razin_htf/runs/locality.py"),
    script:
        "../../scripts/razin_htf/runs/locality.py"


rule razin_htf_pathfinder:
    output:
        **tables("razin_htf", "pathfinder"),
    log:
        log_of("razin_htf", "pathfinder"),
    benchmark:
        bench_of("razin_htf", "pathfinder")
    priority: by_cost("razin_htf", "pathfinder")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=1200, quick=1200, paper=6000),
        runtime=by_preset(smoke=2, quick=2, paper=2880),
        gpu=gpu_at("paper"),
    params:
        p=params("razin_htf", "pathfinder"),
        code=fingerprint("scripts/razin_htf/runs/pathfinder.py"),
    script:
        "../../scripts/razin_htf/runs/pathfinder.py"
