"""A run in one file: code, tables, figures, verdicts, their checksums, and a description that machines read (RO-Crate).

    python -m scripts.publish.archive results/quick        # writes results/archive-quick.tar.gz

Unpacked, `sha256sum --check SHA256SUMS` verifies it (on a Mac: `shasum -a 256 --check SHA256SUMS`). The same files give the same bytes.
"""

import gzip
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from repro.files import atomic
from repro.settings import ROOT, load_yaml
from scripts.publish import terminal

SUMS = "SHA256SUMS"
# What is no code, where git cannot say so: in a tarball.
GENERATED = {"data", "results", "logs", "benchmarks"}
FORMATS = {
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".csv": "text/csv",
    ".html": "text/html",
    ".md": "text/markdown",
    ".yaml": "application/yaml",
    ".py": "text/x-python",
}


def code_files(root: Path) -> list[str]:
    """Files of the project: what git knows; where there is no git, all but hidden and generated ones."""
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False)  # noqa: S607 - git of the user
    except FileNotFoundError:
        done = None
    if done and done.returncode == 0 and done.stdout:
        names = os.fsdecode(done.stdout).split("\0")
    else:
        names = [str(path.relative_to(root)) for path in root.rglob("*") if _is_code(path.relative_to(root))]
    return sorted(name for name in names if name and (root / name).is_file())


def _is_code(path: Path) -> bool:
    return path.parts[0] not in GENERATED and not any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def result_files(folder: Path, root: Path) -> list[str]:
    """Files of a run; shards, which their tables hold, and what is half made are left out."""
    found = (path for path in folder.rglob("*") if path.is_file() and ".shard-" not in path.name and not path.name.startswith("."))
    return sorted(str(path.relative_to(root)) for path in found)


def describe(names: Iterable[str], preset: str, published: datetime, root: Path) -> Any:
    """RO-Crate of the files: the Snakefile as its main workflow, the papers' citations, a format for each file."""
    from rocrate.model.contextentity import ContextEntity  # noqa: PLC0415 - a tool of development: see requirements-dev.in
    from rocrate.rocrate import ROCrate  # noqa: PLC0415

    about = load_yaml(root / "CITATION.cff")
    crate = ROCrate()
    crate.name = f"{about['title']}, preset {preset}"
    crate.description = about["message"]
    crate.license = about["license"]
    crate.datePublished = published
    crate.add_workflow(root / "Snakefile", "Snakefile", main=True, lang="snakemake")
    for name in names:
        if name != "Snakefile":
            crate.add_file(root / name, name, properties={"encodingFormat": FORMATS.get(Path(name).suffix, "text/plain")})
    papers = [
        crate.add(ContextEntity(crate, f"#paper-{number}", properties={"@type": "ScholarlyArticle", "name": paper["title"]}))
        for number, paper in enumerate(about["references"], start=1)
    ]
    crate.root_dataset["citation"] = papers
    return crate


def checksums(folder: Path) -> str:
    """Lines that sha256sum checks, of every file in a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in files)


def pack(folder: Path, target: Path) -> None:
    """Pack a folder; owners and times are left out, so that the same files give the same bytes."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        return member

    with (
        atomic(target) as temporary,
        temporary.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        archive.add(folder, target.name.removesuffix(".tar.gz"), filter=plain)


def archive(results: Path, root: Path = ROOT) -> Path:
    """Write the archive of a finished run beside its folder and return its path.

    Raises
    ------
    FileNotFoundError   if there is no scorecard: the run did not end.
    """
    results = results.resolve()
    if not (results / "scorecard.parquet").is_file():
        raise FileNotFoundError(f"{results}: no scorecard.parquet; run make figures first")
    target = results.with_name(f"archive-{results.name}.tar.gz")
    names = [*code_files(root), *result_files(results, root)]
    published = datetime.fromtimestamp((results / "scorecard.parquet").stat().st_mtime, tz=UTC)
    with tempfile.TemporaryDirectory(dir=results.parent, prefix=".archive.") as stage:
        folder = Path(stage)
        describe(dict.fromkeys(names), results.name, published, root).write(folder)
        (folder / SUMS).write_text(checksums(folder), encoding="utf-8")
        pack(folder, target)
    return target


def main(results: str) -> None:
    """Write an archive and say how to verify it."""
    try:
        target = archive(Path(results))
    except FileNotFoundError as error:
        sys.exit(str(error))
    except ModuleNotFoundError as error:
        sys.exit(f"{error.name} is not installed: make .venv/dev")
    folder = target.name.removesuffix(".tar.gz")
    verify = f"tar xf {target.name} && cd {folder} && sha256sum --check --quiet {SUMS}"
    terminal.say(f"{target} ({target.stat().st_size / 1e6:.0f} MB). To verify it: {verify}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "results/quick")
