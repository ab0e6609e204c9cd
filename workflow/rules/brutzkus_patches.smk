rule brutzkus_patches_patch_clustering:
    input:
        **dataset("cifar10"),
    output:
        **tables("brutzkus_patches", "patch_clustering"),
    log:
        log_of("brutzkus_patches", "patch_clustering"),
    benchmark:
        bench_of("brutzkus_patches", "patch_clustering")
    priority: by_cost("brutzkus_patches", "patch_clustering")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=400, quick=1300, paper=6000),
        runtime=by_preset(smoke=2, quick=10, paper=1440),
        gpu=gpu_at("paper"),
    params:
        p=params("brutzkus_patches", "patch_clustering"),
        code=fingerprint("scripts/brutzkus_patches/runs/patch_clustering.py"),
    script:
        "../../scripts/brutzkus_patches/runs/patch_clustering.py"


rule brutzkus_patches_hard_features:
    input:
        **dataset("cifar10"),
    output:
        **tables("brutzkus_patches", "hard_features"),
    log:
        log_of("brutzkus_patches", "hard_features"),
    benchmark:
        bench_of("brutzkus_patches", "hard_features")
    priority: by_cost("brutzkus_patches", "hard_features")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=700, quick=1500, paper=24000),
        runtime=by_preset(smoke=2, quick=15, paper=2880),
        gpu=gpu_at("paper"),
    params:
        p=params("brutzkus_patches", "hard_features"),
        code=fingerprint("scripts/brutzkus_patches/runs/hard_features.py"),
    script:
        "../../scripts/brutzkus_patches/runs/hard_features.py"


rule brutzkus_patches_learned_filters:
    input:
        **dataset("cifar10"),
    output:
        **tables("brutzkus_patches", "learned_filters"),
    log:
        log_of("brutzkus_patches", "learned_filters"),
    benchmark:
        bench_of("brutzkus_patches", "learned_filters")
    priority: by_cost("brutzkus_patches", "learned_filters")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=700, quick=1800, paper=24000),
        runtime=by_preset(smoke=2, quick=20, paper=2880),
        gpu=gpu_at("paper"),
    params:
        p=params("brutzkus_patches", "learned_filters"),
        code=fingerprint("scripts/brutzkus_patches/runs/learned_filters.py"),
    script:
        "../../scripts/brutzkus_patches/runs/learned_filters.py"


rule brutzkus_patches_linear_maps:
    input:
        **dataset("cifar10"),
    output:
        **tables("brutzkus_patches", "linear_maps"),
    log:
        log_of("brutzkus_patches", "linear_maps"),
    benchmark:
        bench_of("brutzkus_patches", "linear_maps")
    priority: by_cost("brutzkus_patches", "linear_maps")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=600, quick=1200, paper=16000),
        runtime=by_preset(smoke=2, quick=10, paper=2880),
        gpu=gpu_at("paper"),
    params:
        p=params("brutzkus_patches", "linear_maps"),
        code=fingerprint("scripts/brutzkus_patches/runs/linear_maps.py"),
    script:
        "../../scripts/brutzkus_patches/runs/linear_maps.py"


rule brutzkus_patches_layers:
    input:
        **dataset("cifar10"),
    output:
        **tables("brutzkus_patches", "layers"),
    log:
        log_of("brutzkus_patches", "layers"),
    benchmark:
        bench_of("brutzkus_patches", "layers")
    priority: by_cost("brutzkus_patches", "layers")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=700, quick=2100, paper=32000),
        runtime=by_preset(smoke=2, quick=20, paper=2880),
        gpu=gpu_at("paper"),
    params:
        p=params("brutzkus_patches", "layers"),
        code=fingerprint("scripts/brutzkus_patches/runs/layers.py"),
    script:
        "../../scripts/brutzkus_patches/runs/layers.py"


rule brutzkus_patches_covering:
    output:
        **tables("brutzkus_patches", "covering"),
    log:
        log_of("brutzkus_patches", "covering"),
    benchmark:
        bench_of("brutzkus_patches", "covering")
    priority: by_cost("brutzkus_patches", "covering")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=400, quick=500, paper=500),
        runtime=by_preset(smoke=2, quick=5, paper=10),
    params:
        p=params("brutzkus_patches", "covering"),
        code=fingerprint("scripts/brutzkus_patches/runs/covering.py"),
    script:
        "../../scripts/brutzkus_patches/runs/covering.py"
