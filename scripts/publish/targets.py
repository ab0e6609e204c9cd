"""What is asked for and is not there is answered in one line: a misspelt target by the nearest, a report before a run by the way to it."""

import difflib
import logging
import re
from collections.abc import Callable, Collection
from pathlib import Path

_NO_RULE = re.compile(r"No rule to produce (\S+)")
_NO_FIGURE = re.compile(r"File (.*) marked for report but does not exist")
_NO_METADATA = re.compile(r"Missing metadata for file (.*)\. Maybe metadata was deleted")  # of a file that is not there, it is no news


def no_target(target: str, known: Collection[str], results_name: str, presets: Collection[str] = ()) -> str:
    """One line for a target that no rule makes.

    Parameters
    ----------
    target : what was asked for.
    known : all targets of the run: names of rules, and files.
    results_name : name of the run's results folder; a file asked for in another one is meant to be in this.
    presets : other presets that there are.
    """
    told = f"'{target}' is nothing that this run makes."
    inside = target.split("/", 2)[2:] if target.startswith("results/") else []
    same = "/".join(["results", results_name, *inside])
    if inside and same != target and same in known:
        other = target.split("/")[1]
        add = f", or add --config preset={other} behind the target" if other in presets else ""
        return f"{told} It writes to results/{results_name}: ask for '{same}'{add}."
    near = difflib.get_close_matches(target, known, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return f"{told}{hint}" if near else f"{told} Targets are all, a paper's key, and the files of results/{results_name}."


def no_report(missing: str, finished: Collection[str]) -> str:
    """One line for a report before its run; `finished` are other presets that have results."""
    told = f"No report before a run: {missing} is not there. Run the same command without --report first"
    return f"{told}, or add --config preset={' or '.join(finished)}, which has results." if finished else f"{told}."


def answer(known: Callable[[], Collection[str]], results_name: str, presets: Collection[str] = ()) -> None:
    """From here on, put Snakemake's words on missing targets and reports into ours.

    All targets, `known`, are asked for only then; `presets` are the other presets that there are.
    """

    def told(record: logging.LogRecord) -> bool:
        text, kind = str(record.msg), getattr(record, "exception", "")
        if kind == "MissingRuleException" and (missing := _NO_RULE.search(text)):
            record.msg = no_target(missing.group(1), known(), results_name, presets)
        elif kind == "WorkflowError" and (missing := _NO_FIGURE.search(text)):
            finished = [name for name in presets if Path("results", name, "scorecard.md").is_file()]
            record.msg = no_report(missing.group(1), finished)
        nowhere = _NO_METADATA.match(text)
        return nowhere is None or Path(nowhere.group(1)).exists()

    for handler in logging.getLogger("snakemake.logging").handlers:
        handler.addFilter(told)
