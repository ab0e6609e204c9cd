rule tomasini_krr_predictors:
    output:
        **tables("tomasini_krr", "predictors"),
    log:
        log_of("tomasini_krr", "predictors"),
    benchmark:
        bench_of("tomasini_krr", "predictors")
    priority: by_cost("tomasini_krr", "predictors")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=400),
        runtime=by_preset(smoke=2, quick=5, paper=10),
    params:
        p=params("tomasini_krr", "predictors"),
        code=fingerprint("scripts/tomasini_krr/runs/predictors.py"),
    script:
        "../../scripts/tomasini_krr/runs/predictors.py"


rule tomasini_krr_ridgeless_learning:
    output:
        **tables("tomasini_krr", "ridgeless_learning"),
    log:
        log_of("tomasini_krr", "ridgeless_learning"),
    benchmark:
        bench_of("tomasini_krr", "ridgeless_learning")
    priority: by_cost("tomasini_krr", "ridgeless_learning")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=400),
        runtime=by_preset(smoke=2, quick=5, paper=30),
    params:
        p=params("tomasini_krr", "ridgeless_learning"),
        code=fingerprint("scripts/tomasini_krr/runs/ridgeless_learning.py"),
    script:
        "../../scripts/tomasini_krr/runs/ridgeless_learning.py"


rule tomasini_krr_crossover:
    output:
        **tables("tomasini_krr", "crossover"),
    log:
        log_of("tomasini_krr", "crossover"),
    benchmark:
        bench_of("tomasini_krr", "crossover")
    priority: by_cost("tomasini_krr", "crossover")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=400),
        runtime=by_preset(smoke=2, quick=5, paper=60),
    params:
        p=params("tomasini_krr", "crossover"),
        code=fingerprint("scripts/tomasini_krr/runs/crossover.py"),
    script:
        "../../scripts/tomasini_krr/runs/crossover.py"


rule tomasini_krr_high_dimension:
    output:
        **tables("tomasini_krr", "high_dimension"),
    log:
        log_of("tomasini_krr", "high_dimension"),
    benchmark:
        bench_of("tomasini_krr", "high_dimension")
    priority: by_cost("tomasini_krr", "high_dimension")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=600, paper=3000),
        runtime=by_preset(smoke=2, quick=10, paper=120),
    params:
        p=params("tomasini_krr", "high_dimension"),
        code=fingerprint("scripts/tomasini_krr/runs/high_dimension.py"),
    script:
        "../../scripts/tomasini_krr/runs/high_dimension.py"


rule tomasini_krr_toy_pools:
    output:
        **tables("tomasini_krr", "toy_pools"),
    log:
        log_of("tomasini_krr", "toy_pools"),
    benchmark:
        bench_of("tomasini_krr", "toy_pools")
    priority: by_cost("tomasini_krr", "toy_pools")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=500, paper=4000),
        runtime=by_preset(smoke=2, quick=10, paper=120),
    params:
        p=params("tomasini_krr", "toy_pools"),
        code=fingerprint("scripts/tomasini_krr/runs/toy_pools.py"),
    script:
        "../../scripts/tomasini_krr/runs/toy_pools.py"


rule tomasini_krr_image_pools:
    input:
        **dataset("mnist", "fashion_mnist", "cifar10"),
    output:
        **tables("tomasini_krr", "image_pools"),
    log:
        log_of("tomasini_krr", "image_pools"),
    benchmark:
        bench_of("tomasini_krr", "image_pools")
    priority: by_cost("tomasini_krr", "image_pools")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=400, quick=900, paper=8000),
        runtime=by_preset(smoke=2, quick=10, paper=120),
    params:
        p=params("tomasini_krr", "image_pools"),
        code=fingerprint("scripts/tomasini_krr/runs/image_pools.py"),
    script:
        "../../scripts/tomasini_krr/runs/image_pools.py"


rule tomasini_krr_kernel_spectrum:
    output:
        **tables("tomasini_krr", "kernel_spectrum"),
    log:
        log_of("tomasini_krr", "kernel_spectrum"),
    benchmark:
        bench_of("tomasini_krr", "kernel_spectrum")
    priority: by_cost("tomasini_krr", "kernel_spectrum")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=600, paper=2500),
        runtime=by_preset(smoke=2, quick=5, paper=20),
    params:
        p=params("tomasini_krr", "kernel_spectrum"),
        code=fingerprint("scripts/tomasini_krr/runs/kernel_spectrum.py"),
    script:
        "../../scripts/tomasini_krr/runs/kernel_spectrum.py"
