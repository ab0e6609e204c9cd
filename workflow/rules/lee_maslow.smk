rule lee_maslow_node_dynamics:
    output:
        **tables("lee_maslow", "node_dynamics"),
    log:
        log_of("lee_maslow", "node_dynamics"),
    benchmark:
        bench_of("lee_maslow", "node_dynamics")
    priority: by_cost("lee_maslow", "node_dynamics")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=500),
        runtime=by_preset(smoke=2, quick=2, paper=5),
    params:
        p=params("lee_maslow", "node_dynamics"),
        code=fingerprint("scripts/lee_maslow/runs/node_dynamics.py"),
    script:
        "../../scripts/lee_maslow/runs/node_dynamics.py"


rule lee_maslow_ode_interventions:
    output:
        **tables("lee_maslow", "ode_interventions"),
    log:
        log_of("lee_maslow", "ode_interventions"),
    benchmark:
        bench_of("lee_maslow", "ode_interventions")
    priority: by_cost("lee_maslow", "ode_interventions")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=800),
        runtime=by_preset(smoke=2, quick=5, paper=15),
    params:
        p=params("lee_maslow", "ode_interventions"),
        code=fingerprint("scripts/lee_maslow/runs/ode_interventions.py"),
    script:
        "../../scripts/lee_maslow/runs/ode_interventions.py"


rule lee_maslow_online_sgd:
    output:
        **tables("lee_maslow", "online_sgd"),
    log:
        log_of("lee_maslow", "online_sgd"),
    benchmark:
        bench_of("lee_maslow", "online_sgd")
    priority: by_cost("lee_maslow", "online_sgd")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=500, paper=1500),
        runtime=by_preset(smoke=2, quick=10, paper=120),
    params:
        p=params("lee_maslow", "online_sgd"),
        code=fingerprint("scripts/lee_maslow/runs/online_sgd.py"),
    script:
        "../../scripts/lee_maslow/runs/online_sgd.py"


rule lee_maslow_mixed_images:
    input:
        **dataset("fashion_mnist"),
    output:
        **tables("lee_maslow", "mixed_images"),
    log:
        log_of("lee_maslow", "mixed_images"),
    benchmark:
        bench_of("lee_maslow", "mixed_images")
    priority: by_cost("lee_maslow", "mixed_images")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=1000, paper=4000),
        runtime=by_preset(smoke=2, quick=5, paper=600),
    params:
        p=params("lee_maslow", "mixed_images"),
        code=fingerprint("scripts/lee_maslow/runs/mixed_images.py"),
    script:
        "../../scripts/lee_maslow/runs/mixed_images.py"
