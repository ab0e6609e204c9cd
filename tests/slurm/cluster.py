"""A one-node Slurm of the test's own: installed if need be, configured, started, and stopped again."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PACKAGES = ("munge", "slurmctld", "slurmd", "slurm-client")
FOLDER = Path("/etc/slurm")  # the only place where a job step looks: the plugin drops SLURM_CONF from its environment
SIGN = "# written by tests/slurm\n"

# Eight slots on whatever the machine has, since a job mostly starts up; memory is enforced by polling, as no cgroup is needed for that.
CONFIGURATION = """\
ClusterName=tests
SlurmctldHost=localhost
SlurmUser=root
AuthType=auth/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=bf_interval=1,sched_interval=1,sched_min_interval=0
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
MinJobAge=300
KillWait=2
ReturnToService=2
GresTypes=gpu
NodeName=localhost CPUs=8 RealMemory=16000 Gres=gpu:1
PartitionName=main Nodes=localhost Default=YES MaxTime=INFINITE
"""
DEVICES = "NodeName=localhost Name=gpu File=/dev/null\n"


def call(*command: str) -> str:
    """Output of a Slurm command that must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


def succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


def states() -> dict[str, str]:
    """Jobs that Slurm remembers: number → state."""
    rows = call("squeue", "--noheader", "--states=all", "--format=%A %T").splitlines()
    return dict(row.split() for row in rows)


def details(number: str) -> dict[str, str]:
    """What Slurm knows of a job."""
    words = call("scontrol", "--oneliner", "show", "job", number).split()
    return dict(word.split("=", 1) for word in words if "=" in word)


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for something to become true, or fail with what it was."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"after {seconds:.0f} s still not: {what}"
        time.sleep(0.2)


def clear() -> None:
    """Cancel whatever is in the queue and wait until it is gone."""
    call("scancel", "--user=root")
    wait_until(lambda: not {"PENDING", "RUNNING", "COMPLETING"} & set(states().values()), 30, "the queue is empty")


def install() -> None:
    """Have the Debian packages; fail where that cannot be."""
    if os.geteuid() != 0:
        raise RuntimeError("the Slurm tests install and start daemons: run them as root, in a container")
    if all(shutil.which(program) for program in ("munged", "slurmctld", "slurmd", "sbatch")):
        return
    if not shutil.which("apt-get"):
        raise RuntimeError(f"the Slurm tests need the Debian packages {', '.join(PACKAGES)}, and there is no apt-get")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(["apt-get", *words], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"apt-get {' '.join(words)} failed, and the Slurm tests need it:\n{done.stdout}{done.stderr}")


def configure(folder: Path) -> None:
    """Write the configuration, over nobody else's."""
    present = FOLDER / "slurm.conf"
    if present.exists() and not present.read_text().startswith(SIGN):
        raise RuntimeError(f"{present} is there: this machine has a Slurm of its own, which the tests would disturb")
    for name in ("state", "spool"):
        (folder / name).mkdir()
    FOLDER.mkdir(exist_ok=True)
    present.write_text(SIGN + CONFIGURATION.format(folder=folder))
    (FOLDER / "gres.conf").write_text(SIGN + DEVICES)


@contextmanager
def daemon(folder: Path, *command: str, user: str | None = None) -> Iterator[None]:
    """A program in the foreground that ends with the block."""
    with (folder / f"{command[0]}.txt").open("w") as text:
        process = subprocess.Popen(command, stdout=text, stderr=text, user=user, group=user)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """Slurm, for as long as the block lasts."""
    install()
    configure(folder)
    with ExitStack() as stack:
        stack.callback(lambda: [(FOLDER / name).unlink() for name in ("slurm.conf", "gres.conf")])
        if not succeeds("munge", "--no-input"):
            Path("/run/munge").mkdir(exist_ok=True)
            shutil.chown("/run/munge", "munge", "munge")
            stack.enter_context(daemon(folder, "munged", "--foreground", "--force", user="munge"))
            wait_until(lambda: succeeds("munge", "--no-input"), 10, "munged answers")
        stack.enter_context(daemon(folder, "slurmctld", "-D"))
        stack.enter_context(daemon(folder, "slurmd", "-D", "-N", "localhost"))
        wait_until(lambda: succeeds("sinfo") and "idle" in call("sinfo"), 30, f"the node is idle; see {folder}/*.txt")
        yield
