rule lee_deepnarrow_circle_training:
    output:
        **tables("lee_deepnarrow", "circle_training"),
    log:
        log_of("lee_deepnarrow", "circle_training"),
    benchmark:
        bench_of("lee_deepnarrow", "circle_training")
    priority: by_cost("lee_deepnarrow", "circle_training")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=400, quick=500, paper=6000),
        runtime=by_preset(smoke=2, quick=5, paper=240),
    params:
        p=params("lee_deepnarrow", "circle_training"),
        code=fingerprint("scripts/lee_deepnarrow/runs/circle_training.py"),
    script:
        "../../scripts/lee_deepnarrow/runs/circle_training.py"


rule lee_deepnarrow_initial_kernel:
    output:
        **tables("lee_deepnarrow", "initial_kernel"),
    log:
        log_of("lee_deepnarrow", "initial_kernel"),
    benchmark:
        bench_of("lee_deepnarrow", "initial_kernel")
    priority: by_cost("lee_deepnarrow", "initial_kernel")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=500, paper=800),
        runtime=2,
    params:
        p=params("lee_deepnarrow", "initial_kernel"),
        code=fingerprint("scripts/lee_deepnarrow/runs/initial_kernel.py"),
    script:
        "../../scripts/lee_deepnarrow/runs/initial_kernel.py"


rule lee_deepnarrow_mlp_training:
    input:
        **dataset("mnist"),
    output:
        **tables("lee_deepnarrow", "mlp_training"),
    log:
        log_of("lee_deepnarrow", "mlp_training"),
    benchmark:
        bench_of("lee_deepnarrow", "mlp_training")
    priority: by_cost("lee_deepnarrow", "mlp_training")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=500, quick=1000, paper=48000),
        runtime=by_preset(smoke=2, quick=10, paper=2880),
        gpu=gpu_at("paper"),
    params:
        p=params("lee_deepnarrow", "mlp_training"),
        code=fingerprint("scripts/lee_deepnarrow/runs/mlp_training.py"),
    script:
        "../../scripts/lee_deepnarrow/runs/mlp_training.py"


rule lee_deepnarrow_cnn_training:
    input:
        **dataset("mnist"),
    output:
        **tables("lee_deepnarrow", "cnn_training"),
    log:
        log_of("lee_deepnarrow", "cnn_training"),
    benchmark:
        bench_of("lee_deepnarrow", "cnn_training")
    priority: by_cost("lee_deepnarrow", "cnn_training")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=500, quick=1000, paper=32000),
        runtime=by_preset(smoke=2, quick=10, paper=5760),
        gpu=gpu_at("paper"),
    params:
        p=params("lee_deepnarrow", "cnn_training"),
        code=fingerprint("scripts/lee_deepnarrow/runs/cnn_training.py"),
    script:
        "../../scripts/lee_deepnarrow/runs/cnn_training.py"


rule lee_deepnarrow_cnn_kernel:
    output:
        **tables("lee_deepnarrow", "cnn_kernel"),
    log:
        log_of("lee_deepnarrow", "cnn_kernel"),
    benchmark:
        bench_of("lee_deepnarrow", "cnn_kernel")
    priority: by_cost("lee_deepnarrow", "cnn_kernel")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=500, paper=500),
        runtime=2,
    params:
        p=params("lee_deepnarrow", "cnn_kernel"),
        code=fingerprint("scripts/lee_deepnarrow/runs/cnn_kernel.py"),
    script:
        "../../scripts/lee_deepnarrow/runs/cnn_kernel.py"


rule lee_deepnarrow_step_size_sweep:
    input:
        **dataset("mnist"),
    output:
        **tables("lee_deepnarrow", "step_size_sweep"),
    log:
        log_of("lee_deepnarrow", "step_size_sweep"),
    benchmark:
        bench_of("lee_deepnarrow", "step_size_sweep")
    priority: by_cost("lee_deepnarrow", "step_size_sweep")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=500, quick=1000, paper=1000),
        runtime=5,
    params:
        p=params("lee_deepnarrow", "step_size_sweep"),
        code=fingerprint("scripts/lee_deepnarrow/runs/step_size_sweep.py"),
    script:
        "../../scripts/lee_deepnarrow/runs/step_size_sweep.py"
