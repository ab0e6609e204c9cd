rule venkataramanan_rigamp_state_evolution:
    output:
        **tables("venkataramanan_rigamp", "state_evolution"),
    log:
        log_of("venkataramanan_rigamp", "state_evolution"),
    benchmark:
        bench_of("venkataramanan_rigamp", "state_evolution")
    priority: by_cost("venkataramanan_rigamp", "state_evolution")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=300),
        runtime=by_preset(smoke=2, quick=5, paper=5),
    params:
        p=params("venkataramanan_rigamp", "state_evolution"),
        code=fingerprint("scripts/venkataramanan_rigamp/runs/state_evolution.py"),
    script:
        "../../scripts/venkataramanan_rigamp/runs/state_evolution.py"


rule venkataramanan_rigamp_simulation:
    output:
        **tables("venkataramanan_rigamp", "simulation"),
    log:
        log_of("venkataramanan_rigamp", "simulation"),
    benchmark:
        bench_of("venkataramanan_rigamp", "simulation")
    priority: by_cost("venkataramanan_rigamp", "simulation")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=500, paper=1900),
        runtime=by_preset(smoke=2, quick=15, paper=120),
    params:
        p=params("venkataramanan_rigamp", "simulation"),
        code=fingerprint("scripts/venkataramanan_rigamp/runs/simulation.py"),
    script:
        "../../scripts/venkataramanan_rigamp/runs/simulation.py"


rule venkataramanan_rigamp_sampling_ratio_sweep:
    output:
        **tables("venkataramanan_rigamp", "sampling_ratio_sweep"),
    log:
        log_of("venkataramanan_rigamp", "sampling_ratio_sweep"),
    benchmark:
        bench_of("venkataramanan_rigamp", "sampling_ratio_sweep")
    priority: by_cost("venkataramanan_rigamp", "sampling_ratio_sweep")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=500, paper=1900),
        runtime=by_preset(smoke=2, quick=15, paper=240),
    params:
        p=params("venkataramanan_rigamp", "sampling_ratio_sweep"),
        code=fingerprint("scripts/venkataramanan_rigamp/runs/sampling_ratio_sweep.py"),
    script:
        "../../scripts/venkataramanan_rigamp/runs/sampling_ratio_sweep.py"


rule venkataramanan_rigamp_run_times:
    output:
        **tables("venkataramanan_rigamp", "run_times"),
    log:
        log_of("venkataramanan_rigamp", "run_times"),
    benchmark:
        bench_of("venkataramanan_rigamp", "run_times")
    priority: by_cost("venkataramanan_rigamp", "run_times")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=600, paper=1500),
        runtime=by_preset(smoke=2, quick=10, paper=30),
    params:
        p=params("venkataramanan_rigamp", "run_times"),
        code=fingerprint("scripts/venkataramanan_rigamp/runs/run_times.py"),
    script:
        "../../scripts/venkataramanan_rigamp/runs/run_times.py"
