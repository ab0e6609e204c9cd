"""Time of an epoch of biggs_bounds on the device at hand, one network at a time and many at once, and from it of the published sweep.

    python -m benchmarks.biggs_bounds                 # on a GPU if there is one, else on one CPU core: half a minute
    python -m benchmarks.biggs_bounds --tf32          # also in TF32, on a GPU, and by how much it moves bounds (needs MNIST in data/real)

Settings: 60,000 examples of 784 pixels, momentum 0.9, batch size 200, both networks, five learning rates, as in the published grid.
The inputs are random, with as many zeros as MNIST has, so that no dataset is needed; time does not depend on their values. One at a
time is what the CPU does. The sweep is 1,690 networks of six widths in equal parts; that a network and its prior need about 200
epochs is the mean over the widths and rates that were run so far, so the last line is an estimate, and the lines before it are not.
"""

import argparse
import itertools
import time

import torch

from repro.settings import ROOT, load_params
from scripts.biggs_bounds import steps
from scripts.biggs_bounds.model import initial_network
from scripts.biggs_bounds.runs import networks
from scripts.biggs_bounds.training import Training

WIDTHS = (50, 100, 200, 400, 800, 1600)
AT_ONCE = {"cuda": (1, 10, 50, 100), "cpu": (1, 5)}
N_TRAIN, DIM, BATCH_SIZE, N_CLASSES = 60_000, 784, 200, 10
RATES = (0.1, 0.03, 0.01, 0.003, 0.001)
N_NETWORKS, N_EPOCHS = 1690, 206
SHARE = {"cuda": 1.0, "cpu": 0.1}  # of an epoch that is timed
LIT = 0.19


def mini_batches(device: str) -> list[steps.Batch]:
    """Random images in which most pixels are dark."""
    draw = torch.Generator().manual_seed(1)
    n_train = round(N_TRAIN * SHARE[device])
    x = torch.rand(n_train, DIM, generator=draw) * (torch.rand(n_train, DIM, generator=draw) < LIT)
    x = torch.nn.functional.normalize(x, dim=1).to(device)
    labels = torch.randint(N_CLASSES, (n_train,), generator=draw).to(device)
    return steps.mini_batches(x, labels, BATCH_SIZE, N_CLASSES)


def seconds_an_epoch(width: int, n_networks: int, batches: list[steps.Batch], device: str) -> float:
    """Seconds of an epoch of all networks, after a short one that is not counted."""
    kinds = itertools.cycle(itertools.product(("gelu", "shel"), RATES))
    descents = sorted(steps.Descent(name, 5.0, rate, 0.9, BATCH_SIZE) for name, rate in itertools.islice(kinds, n_networks))
    initial = initial_network(width, DIM, N_CLASSES, 0.1, torch.Generator().manual_seed(1))
    initials = [type(initial)(*(part.to(device) for part in initial))] * n_networks
    training = Training(steps.at_rest(initials), batches, descents)
    training.epoch(0, 10)
    clock = time.perf_counter if device == "cuda" else time.process_time
    start = clock()
    training.epoch()  # ends with the losses on the CPU, so that nothing is left to do
    return (clock() - start) / SHARE[device]


def told(device: str) -> float:
    """Print a line a width; the mean over the widths of the fastest way, in seconds a network and epoch."""
    batches, fastest = mini_batches(device), []
    for width in WIDTHS:
        each = {n: seconds_an_epoch(width, n, batches, device) / n for n in AT_ONCE[device]}
        fastest.append(min(each.values()))
        words = ", ".join(f"{1000 * value:.3g} ms with {n} at once" for n, value in each.items())
        print(f"width {width}: a network's epoch takes {words}", flush=True)  # noqa: T201 - its answer
    return sum(fastest) / len(fastest)


def largest_move() -> float:
    """Largest change of a bound by TF32, over both networks on MNIST at widths 50 and 400, two rates and three seeds."""
    folders = {"mnist": ROOT / "data" / "real" / "mnist"}
    block = {"model": ["gelu", "shel"], "dataset": ["mnist"], "width": [50, 400], "learning_rate": [0.1, 0.03], "n_seeds": 3}
    p = {**load_params("biggs_bounds", "networks", "paper"), "blocks": [block]}
    exact, rounded = (networks.compute({**p, "tf32": tf32}, folders, "cuda")["bound"]["bound"] for tf32 in (False, True))
    return float((exact - rounded).abs().max())


def main() -> None:
    """Print times and what the sweep would take."""
    parser = argparse.ArgumentParser(description="Time of an epoch of biggs_bounds.")
    parser.add_argument("--tf32", action="store_true", help="measure products in TF32 as well")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(1)
    print(torch.cuda.get_device_name() if device == "cuda" else "one CPU core")  # noqa: T201
    for tf32 in (False, True) if parser.parse_args().tf32 and device == "cuda" else (False,):
        torch.set_float32_matmul_precision("high" if tf32 else "highest")
        mean = told(device)
        words = f"in {'TF32' if tf32 else 'float32'}, all training of the sweep: {N_NETWORKS * N_EPOCHS * mean / 3600:.2g} hours"
        print(words)  # noqa: T201
        if tf32:
            print(f"TF32 moves a bound by {largest_move():.2g} at most; by less than 0.002 it may be used (tf32 in runs.yaml)")  # noqa: T201


if __name__ == "__main__":
    main()
