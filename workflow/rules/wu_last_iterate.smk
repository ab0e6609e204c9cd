rule wu_last_iterate_schedules:
    output:
        **tables("wu_last_iterate", "schedules"),
    log:
        log_of("wu_last_iterate", "schedules"),
    benchmark:
        bench_of("wu_last_iterate", "schedules")
    priority: by_cost("wu_last_iterate", "schedules")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=600),
        runtime=by_preset(smoke=2, quick=5, paper=15),
    params:
        p=params("wu_last_iterate", "schedules"),
        code=fingerprint("scripts/wu_last_iterate/runs/schedules.py"),
    script:
        "../../scripts/wu_last_iterate/runs/schedules.py"


rule wu_last_iterate_published_panel:
    output:
        **tables("wu_last_iterate", "published_panel"),
    log:
        log_of("wu_last_iterate", "published_panel"),
    benchmark:
        bench_of("wu_last_iterate", "published_panel")
    priority: by_cost("wu_last_iterate", "published_panel")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=600),
        runtime=by_preset(smoke=2, quick=5, paper=15),
    params:
        p=params("wu_last_iterate", "published_panel"),
        code=fingerprint("scripts/wu_last_iterate/runs/published_panel.py"),
    script:
        "../../scripts/wu_last_iterate/runs/published_panel.py"


rule wu_last_iterate_risk_bounds:
    output:
        **tables("wu_last_iterate", "risk_bounds"),
    log:
        log_of("wu_last_iterate", "risk_bounds"),
    benchmark:
        bench_of("wu_last_iterate", "risk_bounds")
    priority: by_cost("wu_last_iterate", "risk_bounds")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=600),
        runtime=by_preset(smoke=2, quick=5, paper=15),
    params:
        p=params("wu_last_iterate", "risk_bounds"),
        code=fingerprint("scripts/wu_last_iterate/runs/risk_bounds.py"),
    script:
        "../../scripts/wu_last_iterate/runs/risk_bounds.py"


rule wu_last_iterate_simulated_sgd:
    output:
        **tables("wu_last_iterate", "simulated_sgd"),
    log:
        log_of("wu_last_iterate", "simulated_sgd"),
    benchmark:
        bench_of("wu_last_iterate", "simulated_sgd")
    priority: by_cost("wu_last_iterate", "simulated_sgd")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=500),
        runtime=by_preset(smoke=2, quick=5, paper=30),
    params:
        p=params("wu_last_iterate", "simulated_sgd"),
        code=fingerprint("scripts/wu_last_iterate/runs/simulated_sgd.py"),
    script:
        "../../scripts/wu_last_iterate/runs/simulated_sgd.py"


rule wu_last_iterate_stepsizes:
    output:
        **tables("wu_last_iterate", "stepsizes"),
    log:
        log_of("wu_last_iterate", "stepsizes"),
    benchmark:
        bench_of("wu_last_iterate", "stepsizes")
    priority: by_cost("wu_last_iterate", "stepsizes")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=500),
        runtime=by_preset(smoke=2, quick=5, paper=5),
    params:
        p=params("wu_last_iterate", "stepsizes"),
        code=fingerprint("scripts/wu_last_iterate/runs/stepsizes.py"),
    script:
        "../../scripts/wu_last_iterate/runs/stepsizes.py"


rule wu_last_iterate_image_sgd:
    input:
        **dataset("mnist", "fashion_mnist", "cifar10"),
    output:
        **tables("wu_last_iterate", "image_sgd"),
    log:
        log_of("wu_last_iterate", "image_sgd"),
    benchmark:
        bench_of("wu_last_iterate", "image_sgd")
    priority: by_cost("wu_last_iterate", "image_sgd")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=400, quick=1200, paper=1200),
        runtime=by_preset(smoke=2, quick=5, paper=20),
    params:
        p=params("wu_last_iterate", "image_sgd"),
        code=fingerprint("scripts/wu_last_iterate/runs/image_sgd.py"),
    script:
        "../../scripts/wu_last_iterate/runs/image_sgd.py"
