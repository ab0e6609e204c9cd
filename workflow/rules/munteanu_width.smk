rule munteanu_width_frozen_width:
    output:
        **tables("munteanu_width", "frozen_width"),
    log:
        log_of("munteanu_width", "frozen_width"),
    benchmark:
        bench_of("munteanu_width", "frozen_width")
    priority: by_cost("munteanu_width", "frozen_width")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=500),
        runtime=by_preset(smoke=2, quick=5, paper=30),
    params:
        p=params("munteanu_width", "frozen_width"),
        code=fingerprint("scripts/munteanu_width/runs/frozen_width.py"),
    script:
        "../../scripts/munteanu_width/runs/frozen_width.py"


rule munteanu_width_transfer_margin:
    output:
        **tables("munteanu_width", "transfer_margin"),
    log:
        log_of("munteanu_width", "transfer_margin"),
    benchmark:
        bench_of("munteanu_width", "transfer_margin")
    priority: by_cost("munteanu_width", "transfer_margin")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=500),
        runtime=by_preset(smoke=2, quick=5, paper=5),
    params:
        p=params("munteanu_width", "transfer_margin"),
        code=fingerprint("scripts/munteanu_width/runs/transfer_margin.py"),
    script:
        "../../scripts/munteanu_width/runs/transfer_margin.py"


rule munteanu_width_circle_training:
    output:
        **tables("munteanu_width", "circle_training"),
    log:
        log_of("munteanu_width", "circle_training"),
    benchmark:
        bench_of("munteanu_width", "circle_training")
    priority: by_cost("munteanu_width", "circle_training")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=300, paper=500),
        runtime=by_preset(smoke=2, quick=10, paper=60),
    params:
        p=params("munteanu_width", "circle_training"),
        code=fingerprint("scripts/munteanu_width/runs/circle_training.py"),
    script:
        "../../scripts/munteanu_width/runs/circle_training.py"


rule munteanu_width_squared_loss:
    output:
        **tables("munteanu_width", "squared_loss"),
    log:
        log_of("munteanu_width", "squared_loss"),
    benchmark:
        bench_of("munteanu_width", "squared_loss")
    priority: by_cost("munteanu_width", "squared_loss")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=900),
        runtime=by_preset(smoke=2, quick=5, paper=15),
    params:
        p=params("munteanu_width", "squared_loss"),
        code=fingerprint("scripts/munteanu_width/runs/squared_loss.py"),
    script:
        "../../scripts/munteanu_width/runs/squared_loss.py"


rule munteanu_width_image_pairs:
    input:
        **dataset("mnist"),
    output:
        **tables("munteanu_width", "image_pairs"),
    log:
        log_of("munteanu_width", "image_pairs"),
    benchmark:
        bench_of("munteanu_width", "image_pairs")
    priority: by_cost("munteanu_width", "image_pairs")
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(smoke=300, quick=400, paper=700),
        runtime=by_preset(smoke=2, quick=5, paper=300),
    params:
        p=params("munteanu_width", "image_pairs"),
        code=fingerprint("scripts/munteanu_width/runs/image_pairs.py"),
    script:
        "../../scripts/munteanu_width/runs/image_pairs.py"
