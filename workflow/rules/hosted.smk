"""For a workflow that imports this one with github(...): Snakemake reads rule files and scripts from there one by one,
but what they import, and the papers' yaml, must lie in a folder."""

import importlib.util
import io
import sys
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path


def checkout(repository, commit, folder):
    """The files of a commit in a folder; several processes may do so at once."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        packed = io.BytesIO()
        repository.archive(packed, commit)
        packed.seek(0)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            with tarfile.open(fileobj=packed) as archive:
                archive.extractall(f"{temporary}/files", filter="data")
            with suppress(OSError):  # another process was faster
                Path(f"{temporary}/files").rename(folder)
    return folder


HERE = workflow.included_stack[-1]
if hasattr(HERE, "hosted_repo"):
    COMMIT = HERE.hosted_repo.repo.commit(HERE.ref).hexsha
    HOME = checkout(HERE.hosted_repo.repo, COMMIT, HERE.cache_path / "icml2022" / COMMIT)
    sys.path.insert(0, str(HOME))
else:
    HOME = Path(HERE.get_path_or_uri(secret_free=True)).resolve().parents[2]

# Python imports a package once: with another project's code the parameters and the mathematics would silently be that one's.
for name in ["repro", "scripts"]:
    found = importlib.util.find_spec(name)
    folders = [Path(folder).resolve() for folder in (found.submodule_search_locations if found else [])]
    if HOME.resolve() / name not in folders:
        sys.exit(
            f"{HOME}: Python takes its package '{name}' from {folders[0].parent if folders else 'nowhere'}. "
            "Either PYTHONPATH or the environment holds a package of that name, or two versions of this workflow are imported into one: run them apart."
        )
