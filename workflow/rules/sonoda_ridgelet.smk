rule sonoda_ridgelet_hyperbolic_neurons:
    output:
        **tables("sonoda_ridgelet", "hyperbolic_neurons"),
    log:
        log_of("sonoda_ridgelet", "hyperbolic_neurons"),
    benchmark:
        bench_of("sonoda_ridgelet", "hyperbolic_neurons")
    priority: by_cost("sonoda_ridgelet", "hyperbolic_neurons")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=300),
        runtime=by_preset(smoke=2, quick=2, paper=2),
    params:
        p=params("sonoda_ridgelet", "hyperbolic_neurons"),
        code=fingerprint("scripts/sonoda_ridgelet/runs/hyperbolic_neurons.py"),
    script:
        "../../scripts/sonoda_ridgelet/runs/hyperbolic_neurons.py"


rule sonoda_ridgelet_ridgelet_spectrum:
    output:
        **tables("sonoda_ridgelet", "ridgelet_spectrum"),
    log:
        log_of("sonoda_ridgelet", "ridgelet_spectrum"),
    benchmark:
        bench_of("sonoda_ridgelet", "ridgelet_spectrum")
    priority: by_cost("sonoda_ridgelet", "ridgelet_spectrum")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=400, quick=600, paper=600),
        runtime=by_preset(smoke=2, quick=5, paper=5),
    params:
        p=params("sonoda_ridgelet", "ridgelet_spectrum"),
        code=fingerprint("scripts/sonoda_ridgelet/runs/ridgelet_spectrum.py"),
    script:
        "../../scripts/sonoda_ridgelet/runs/ridgelet_spectrum.py"


rule sonoda_ridgelet_hyperbolic_networks:
    output:
        **tables("sonoda_ridgelet", "hyperbolic_networks"),
    log:
        log_of("sonoda_ridgelet", "hyperbolic_networks"),
    benchmark:
        bench_of("sonoda_ridgelet", "hyperbolic_networks")
    priority: by_cost("sonoda_ridgelet", "hyperbolic_networks")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=400, quick=800, paper=1500),
        runtime=by_preset(smoke=2, quick=10, paper=120),
    params:
        p=params("sonoda_ridgelet", "hyperbolic_networks"),
        code=fingerprint("scripts/sonoda_ridgelet/runs/hyperbolic_networks.py"),
    script:
        "../../scripts/sonoda_ridgelet/runs/hyperbolic_networks.py"


rule sonoda_ridgelet_spd_networks:
    output:
        **tables("sonoda_ridgelet", "spd_networks"),
    log:
        log_of("sonoda_ridgelet", "spd_networks"),
    benchmark:
        bench_of("sonoda_ridgelet", "spd_networks")
    priority: by_cost("sonoda_ridgelet", "spd_networks")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=400, quick=800, paper=1500),
        runtime=by_preset(smoke=2, quick=10, paper=60),
    params:
        p=params("sonoda_ridgelet", "spd_networks"),
        code=fingerprint("scripts/sonoda_ridgelet/runs/spd_networks.py"),
    script:
        "../../scripts/sonoda_ridgelet/runs/spd_networks.py"


rule sonoda_ridgelet_reconstruction_constant:
    output:
        **tables("sonoda_ridgelet", "reconstruction_constant"),
    log:
        log_of("sonoda_ridgelet", "reconstruction_constant"),
    benchmark:
        bench_of("sonoda_ridgelet", "reconstruction_constant")
    priority: by_cost("sonoda_ridgelet", "reconstruction_constant")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=400, quick=800, paper=800),
        runtime=by_preset(smoke=2, quick=10, paper=10),
    params:
        p=params("sonoda_ridgelet", "reconstruction_constant"),
        code=fingerprint("scripts/sonoda_ridgelet/runs/reconstruction_constant.py"),
    script:
        "../../scripts/sonoda_ridgelet/runs/reconstruction_constant.py"


rule sonoda_ridgelet_inversion_ingredients:
    output:
        **tables("sonoda_ridgelet", "inversion_ingredients"),
    log:
        log_of("sonoda_ridgelet", "inversion_ingredients"),
    benchmark:
        bench_of("sonoda_ridgelet", "inversion_ingredients")
    priority: by_cost("sonoda_ridgelet", "inversion_ingredients")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=400),
        runtime=by_preset(smoke=2, quick=5, paper=10),
    params:
        p=params("sonoda_ridgelet", "inversion_ingredients"),
        code=fingerprint("scripts/sonoda_ridgelet/runs/inversion_ingredients.py"),
    script:
        "../../scripts/sonoda_ridgelet/runs/inversion_ingredients.py"
