"""What is asked for and is not there is answered in one line: a misspelt target by the nearest, a report before a run by the way to it."""

import difflib
import logging
import re
from collections.abc import Callable, Collection
from pathlib import Path

_NO_RULE = re.compile(r"No rule to produce (\S+)")
_NO_FIGURE = re.compile(r"File (.*) marked for report but does not exist")
_NO_METADATA = re.compile(r"Missing metadata for file (.*)\. Maybe metadata was deleted")  # of a file that is not there, it is no news


def no_target(target: str, known: Collection[str], results_name: str) -> str:
    """One line for a target that no rule makes.

    Parameters
    ----------
    target : what was asked for.
    known : all targets of the run: names of rules, and files.
    results_name : name of the run's results folder; a file asked for in another one is meant to be in this.
    """
    told = f"'{target}' is nothing that this run makes."
    inside = target.split("/", 2)[2:] if target.startswith("results/") else []
    same = "/".join(["results", results_name, *inside])
    if inside and same != target and same in known:
        return f"{told} It writes to results/{results_name}: ask for '{same}'."
    near = difflib.get_close_matches(target, known, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return f"{told}{hint}" if near else f"{told} Targets are all, a paper's key, and the files of results/{results_name}."


def answer(known: Callable[[], Collection[str]], results_name: str) -> None:
    """From here on, put Snakemake's words on missing targets and reports into ours; all targets, `known`, are asked for only then."""

    def told(record: logging.LogRecord) -> bool:
        text, kind = str(record.msg), getattr(record, "exception", "")
        if kind == "MissingRuleException" and (missing := _NO_RULE.search(text)):
            record.msg = no_target(missing.group(1), known(), results_name)
        elif kind == "WorkflowError" and (missing := _NO_FIGURE.search(text)):
            record.msg = f"No report before a run: {missing.group(1)} is not there. Run the same command without --report first."
        nowhere = _NO_METADATA.match(text)
        return nowhere is None or Path(nowhere.group(1)).exists()

    for handler in logging.getLogger("snakemake.logging").handlers:
        handler.addFilter(told)
