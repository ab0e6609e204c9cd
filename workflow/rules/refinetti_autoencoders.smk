rule refinetti_autoencoders_spiked_spectrum:
    output:
        **tables("refinetti_autoencoders", "spiked_spectrum"),
    log:
        log_of("refinetti_autoencoders", "spiked_spectrum"),
    benchmark:
        bench_of("refinetti_autoencoders", "spiked_spectrum")
    priority: by_cost("refinetti_autoencoders", "spiked_spectrum")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=400),
        runtime=2,
    params:
        p=params("refinetti_autoencoders", "spiked_spectrum"),
        code=fingerprint("scripts/refinetti_autoencoders/runs/spiked_spectrum.py"),
    script:
        "../../scripts/refinetti_autoencoders/runs/spiked_spectrum.py"


rule refinetti_autoencoders_learning_curves:
    output:
        **tables("refinetti_autoencoders", "learning_curves"),
    log:
        log_of("refinetti_autoencoders", "learning_curves"),
    benchmark:
        bench_of("refinetti_autoencoders", "learning_curves")
    priority: by_cost("refinetti_autoencoders", "learning_curves")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=600),
        runtime=by_preset(smoke=2, quick=5, paper=60),
    params:
        p=params("refinetti_autoencoders", "learning_curves"),
        code=fingerprint("scripts/refinetti_autoencoders/runs/learning_curves.py"),
    script:
        "../../scripts/refinetti_autoencoders/runs/learning_curves.py"


rule refinetti_autoencoders_dimension_scaling:
    output:
        **tables("refinetti_autoencoders", "dimension_scaling"),
    log:
        log_of("refinetti_autoencoders", "dimension_scaling"),
    benchmark:
        bench_of("refinetti_autoencoders", "dimension_scaling")
    priority: by_cost("refinetti_autoencoders", "dimension_scaling")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=500),
        runtime=by_preset(smoke=2, quick=5, paper=15),
    params:
        p=params("refinetti_autoencoders", "dimension_scaling"),
        code=fingerprint("scripts/refinetti_autoencoders/runs/dimension_scaling.py"),
    script:
        "../../scripts/refinetti_autoencoders/runs/dimension_scaling.py"


rule refinetti_autoencoders_long_times:
    output:
        **tables("refinetti_autoencoders", "long_times"),
    log:
        log_of("refinetti_autoencoders", "long_times"),
    benchmark:
        bench_of("refinetti_autoencoders", "long_times")
    priority: by_cost("refinetti_autoencoders", "long_times")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=300),
        runtime=2,
    params:
        p=params("refinetti_autoencoders", "long_times"),
        code=fingerprint("scripts/refinetti_autoencoders/runs/long_times.py"),
    script:
        "../../scripts/refinetti_autoencoders/runs/long_times.py"


rule refinetti_autoencoders_tied_weights:
    output:
        **tables("refinetti_autoencoders", "tied_weights"),
    log:
        log_of("refinetti_autoencoders", "tied_weights"),
    benchmark:
        bench_of("refinetti_autoencoders", "tied_weights")
    priority: by_cost("refinetti_autoencoders", "tied_weights")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=400),
        runtime=by_preset(smoke=2, quick=5, paper=30),
    params:
        p=params("refinetti_autoencoders", "tied_weights"),
        code=fingerprint("scripts/refinetti_autoencoders/runs/tied_weights.py"),
    script:
        "../../scripts/refinetti_autoencoders/runs/tied_weights.py"


rule refinetti_autoencoders_relu_bias:
    output:
        **tables("refinetti_autoencoders", "relu_bias"),
    log:
        log_of("refinetti_autoencoders", "relu_bias"),
    benchmark:
        bench_of("refinetti_autoencoders", "relu_bias")
    priority: by_cost("refinetti_autoencoders", "relu_bias")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=400),
        runtime=by_preset(smoke=2, quick=5, paper=30),
    params:
        p=params("refinetti_autoencoders", "relu_bias"),
        code=fingerprint("scripts/refinetti_autoencoders/runs/relu_bias.py"),
    script:
        "../../scripts/refinetti_autoencoders/runs/relu_bias.py"


rule refinetti_autoencoders_truncated_rule:
    output:
        **tables("refinetti_autoencoders", "truncated_rule"),
    log:
        log_of("refinetti_autoencoders", "truncated_rule"),
    benchmark:
        bench_of("refinetti_autoencoders", "truncated_rule")
    priority: by_cost("refinetti_autoencoders", "truncated_rule")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=500),
        runtime=by_preset(smoke=2, quick=5, paper=30),
    params:
        p=params("refinetti_autoencoders", "truncated_rule"),
        code=fingerprint("scripts/refinetti_autoencoders/runs/truncated_rule.py"),
    script:
        "../../scripts/refinetti_autoencoders/runs/truncated_rule.py"


rule refinetti_autoencoders_image_curves:
    input:
        **dataset("cifar10", "fashion_mnist"),
    output:
        **tables("refinetti_autoencoders", "image_curves"),
    log:
        log_of("refinetti_autoencoders", "image_curves"),
    benchmark:
        bench_of("refinetti_autoencoders", "image_curves")
    priority: by_cost("refinetti_autoencoders", "image_curves")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=500, quick=1000, paper=1500),
        runtime=by_preset(smoke=2, quick=10, paper=120),
    params:
        p=params("refinetti_autoencoders", "image_curves"),
        code=fingerprint("scripts/refinetti_autoencoders/runs/image_curves.py"),
    script:
        "../../scripts/refinetti_autoencoders/runs/image_curves.py"
