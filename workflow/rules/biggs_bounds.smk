rule biggs_bounds_networks:
    input:
        **dataset("mnist", "fashion_mnist"),
    output:
        **tables("biggs_bounds", "networks"),
    log:
        log_of("biggs_bounds", "networks"),
    benchmark:
        bench_of("biggs_bounds", "networks")
    priority: by_cost("biggs_bounds", "networks")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=600, quick=1300, paper=4000),
        runtime=by_preset(smoke=5, quick=20, paper=2880),
        gpu=gpu_at("paper"),
    params:
        p=params("biggs_bounds", "networks"),
        code=fingerprint("scripts/biggs_bounds/runs/networks.py"),
    script:
        "../../scripts/biggs_bounds/runs/networks.py"


rule biggs_bounds_cifar_networks:
    input:
        **dataset("cifar10"),
    output:
        **tables("biggs_bounds", "cifar_networks"),
    log:
        log_of("biggs_bounds", "cifar_networks"),
    benchmark:
        bench_of("biggs_bounds", "cifar_networks")
    priority: by_cost("biggs_bounds", "cifar_networks")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=600, quick=2000, paper=4000),
        runtime=by_preset(smoke=5, quick=20, paper=2880),
        gpu=gpu_at("paper"),
    params:
        p=params("biggs_bounds", "cifar_networks"),
        code=fingerprint("scripts/biggs_bounds/runs/cifar_networks.py"),
    script:
        "../../scripts/biggs_bounds/runs/cifar_networks.py"
