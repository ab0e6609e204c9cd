rule puthawala_flows_knot_fits:
    output:
        **tables("puthawala_flows", "knot_fits"),
    log:
        log_of("puthawala_flows", "knot_fits"),
    benchmark:
        bench_of("puthawala_flows", "knot_fits")
    priority: by_cost("puthawala_flows", "knot_fits")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=500, paper=1500),
        runtime=by_preset(smoke=2, quick=15, paper=120),
    params:
        p=params("puthawala_flows", "knot_fits"),
        code=fingerprint("scripts/puthawala_flows/runs/knot_fits.py"),
    script:
        "../../scripts/puthawala_flows/runs/knot_fits.py"


rule puthawala_flows_ribbon_fits:
    output:
        **tables("puthawala_flows", "ribbon_fits"),
    log:
        log_of("puthawala_flows", "ribbon_fits"),
    benchmark:
        bench_of("puthawala_flows", "ribbon_fits")
    priority: by_cost("puthawala_flows", "ribbon_fits")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=500, paper=1500),
        runtime=by_preset(smoke=2, quick=15, paper=120),
    params:
        p=params("puthawala_flows", "ribbon_fits"),
        code=fingerprint("scripts/puthawala_flows/runs/ribbon_fits.py"),
    script:
        "../../scripts/puthawala_flows/runs/ribbon_fits.py"


rule puthawala_flows_coupling_construction:
    output:
        **tables("puthawala_flows", "coupling_construction"),
    log:
        log_of("puthawala_flows", "coupling_construction"),
    benchmark:
        bench_of("puthawala_flows", "coupling_construction")
    priority: by_cost("puthawala_flows", "coupling_construction")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=300),
        runtime=2,
    params:
        p=params("puthawala_flows", "coupling_construction"),
        code=fingerprint("scripts/puthawala_flows/runs/coupling_construction.py"),
    script:
        "../../scripts/puthawala_flows/runs/coupling_construction.py"


rule puthawala_flows_range_projection:
    output:
        **tables("puthawala_flows", "range_projection"),
    log:
        log_of("puthawala_flows", "range_projection"),
    benchmark:
        bench_of("puthawala_flows", "range_projection")
    priority: by_cost("puthawala_flows", "range_projection")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=300),
        runtime=2,
    params:
        p=params("puthawala_flows", "range_projection"),
        code=fingerprint("scripts/puthawala_flows/runs/range_projection.py"),
    script:
        "../../scripts/puthawala_flows/runs/range_projection.py"
