"""A misspelt target is answered as a misspelt key is: by the nearest that there is."""

import difflib
import logging
import re
from collections.abc import Callable, Collection

_NO_RULE = re.compile(r"No rule to produce (\S+)")


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


def name_targets(known: Callable[[], Collection[str]], results_name: str) -> None:
    """From here on, say so in one line where Snakemake finds no rule for a target; `known` is asked for only then."""

    def told(record: logging.LogRecord) -> bool:
        missing = _NO_RULE.search(str(record.msg)) if getattr(record, "exception", "") == "MissingRuleException" else None
        if missing:
            record.msg = no_target(missing.group(1), known(), results_name)
        return True

    for handler in logging.getLogger("snakemake.logging").handlers:
        handler.addFilter(told)
