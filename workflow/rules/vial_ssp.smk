rule vial_ssp_hard_instance:
    output:
        **tables("vial_ssp", "hard_instance"),
    log:
        log_of("vial_ssp", "hard_instance"),
    benchmark:
        bench_of("vial_ssp", "hard_instance")
    priority: by_cost("vial_ssp", "hard_instance")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=3000),
        runtime=by_preset(smoke=2, quick=15, paper=240),
    params:
        p=params("vial_ssp", "hard_instance"),
        code=fingerprint("scripts/vial_ssp/runs/hard_instance.py"),
    script:
        "../../scripts/vial_ssp/runs/hard_instance.py"


rule vial_ssp_value_convergence:
    output:
        **tables("vial_ssp", "value_convergence"),
    log:
        log_of("vial_ssp", "value_convergence"),
    benchmark:
        bench_of("vial_ssp", "value_convergence")
    priority: by_cost("vial_ssp", "value_convergence")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=1000),
        runtime=by_preset(smoke=2, quick=15, paper=60),
    params:
        p=params("vial_ssp", "value_convergence"),
        code=fingerprint("scripts/vial_ssp/runs/value_convergence.py"),
    script:
        "../../scripts/vial_ssp/runs/value_convergence.py"


rule vial_ssp_bonus_scale:
    output:
        **tables("vial_ssp", "bonus_scale"),
    log:
        log_of("vial_ssp", "bonus_scale"),
    benchmark:
        bench_of("vial_ssp", "bonus_scale")
    priority: by_cost("vial_ssp", "bonus_scale")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=1500),
        runtime=by_preset(smoke=2, quick=10, paper=120),
    params:
        p=params("vial_ssp", "bonus_scale"),
        code=fingerprint("scripts/vial_ssp/runs/bonus_scale.py"),
    script:
        "../../scripts/vial_ssp/runs/bonus_scale.py"


rule vial_ssp_dimension:
    output:
        **tables("vial_ssp", "dimension"),
    log:
        log_of("vial_ssp", "dimension"),
    benchmark:
        bench_of("vial_ssp", "dimension")
    priority: by_cost("vial_ssp", "dimension")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=1000),
        runtime=by_preset(smoke=2, quick=10, paper=60),
    params:
        p=params("vial_ssp", "dimension"),
        code=fingerprint("scripts/vial_ssp/runs/dimension.py"),
    script:
        "../../scripts/vial_ssp/runs/dimension.py"
