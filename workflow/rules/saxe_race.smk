rule saxe_race_xor_training:
    output:
        **tables("saxe_race", "xor_training"),
    log:
        log_of("saxe_race", "xor_training"),
    benchmark:
        bench_of("saxe_race", "xor_training")
    priority: by_cost("saxe_race", "xor_training")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=300),
        runtime=2,
    params:
        p=params("saxe_race", "xor_training"),
        code=fingerprint("scripts/saxe_race/runs/xor_training.py"),
    script:
        "../../scripts/saxe_race/runs/xor_training.py"


rule saxe_race_routing_dynamics:
    output:
        **tables("saxe_race", "routing_dynamics"),
    log:
        log_of("saxe_race", "routing_dynamics"),
    benchmark:
        bench_of("saxe_race", "routing_dynamics")
    priority: by_cost("saxe_race", "routing_dynamics")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=400),
        runtime=2,
    params:
        p=params("saxe_race", "routing_dynamics"),
        code=fingerprint("scripts/saxe_race/runs/routing_dynamics.py"),
    script:
        "../../scripts/saxe_race/runs/routing_dynamics.py"


rule saxe_race_generalization_sweep:
    output:
        **tables("saxe_race", "generalization_sweep"),
    log:
        log_of("saxe_race", "generalization_sweep"),
    benchmark:
        bench_of("saxe_race", "generalization_sweep")
    priority: by_cost("saxe_race", "generalization_sweep")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=500, paper=500),
        runtime=by_preset(smoke=2, quick=5, paper=5),
    params:
        p=params("saxe_race", "generalization_sweep"),
        code=fingerprint("scripts/saxe_race/runs/generalization_sweep.py"),
    script:
        "../../scripts/saxe_race/runs/generalization_sweep.py"


rule saxe_race_initialization_scale:
    output:
        **tables("saxe_race", "initialization_scale"),
    log:
        log_of("saxe_race", "initialization_scale"),
    benchmark:
        bench_of("saxe_race", "initialization_scale")
    priority: by_cost("saxe_race", "initialization_scale")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=500, paper=500),
        runtime=2,
    params:
        p=params("saxe_race", "initialization_scale"),
        code=fingerprint("scripts/saxe_race/runs/initialization_scale.py"),
    script:
        "../../scripts/saxe_race/runs/initialization_scale.py"


rule saxe_race_pathway_race:
    output:
        **tables("saxe_race", "pathway_race"),
    log:
        log_of("saxe_race", "pathway_race"),
    benchmark:
        bench_of("saxe_race", "pathway_race")
    priority: by_cost("saxe_race", "pathway_race")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=300),
        runtime=2,
    params:
        p=params("saxe_race", "pathway_race"),
        code=fingerprint("scripts/saxe_race/runs/pathway_race.py"),
    script:
        "../../scripts/saxe_race/runs/pathway_race.py"


rule saxe_race_learning_speed:
    output:
        **tables("saxe_race", "learning_speed"),
    log:
        log_of("saxe_race", "learning_speed"),
    benchmark:
        bench_of("saxe_race", "learning_speed")
    priority: by_cost("saxe_race", "learning_speed")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=300),
        runtime=2,
    params:
        p=params("saxe_race", "learning_speed"),
        code=fingerprint("scripts/saxe_race/runs/learning_speed.py"),
    script:
        "../../scripts/saxe_race/runs/learning_speed.py"


rule saxe_race_mnist_transfer:
    input:
        **dataset("mnist"),
    output:
        **tables("saxe_race", "mnist_transfer"),
    log:
        log_of("saxe_race", "mnist_transfer"),
    benchmark:
        bench_of("saxe_race", "mnist_transfer")
    priority: by_cost("saxe_race", "mnist_transfer")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=500, quick=1000, paper=24000),
        runtime=by_preset(smoke=2, quick=10, paper=5760),
        gpu=gpu_at("paper"),
    params:
        p=params("saxe_race", "mnist_transfer"),
        code=fingerprint("scripts/saxe_race/runs/mnist_transfer.py"),
    script:
        "../../scripts/saxe_race/runs/mnist_transfer.py"


rule saxe_race_cifar10_transfer:
    input:
        **dataset("cifar10"),
    output:
        **tables("saxe_race", "cifar10_transfer"),
    log:
        log_of("saxe_race", "cifar10_transfer"),
    benchmark:
        bench_of("saxe_race", "cifar10_transfer")
    priority: by_cost("saxe_race", "cifar10_transfer")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=600, quick=1600, paper=48000),
        runtime=by_preset(smoke=2, quick=10, paper=5760),
        gpu=gpu_at("paper"),
    params:
        p=params("saxe_race", "cifar10_transfer"),
        code=fingerprint("scripts/saxe_race/runs/cifar10_transfer.py"),
    script:
        "../../scripts/saxe_race/runs/cifar10_transfer.py"
