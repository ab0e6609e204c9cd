"""A target that is not there is answered by the nearest that is."""

from scripts.publish.targets import no_report, no_target

KNOWN = ["all", "wu", "wu_claims", "results/quick-sample/wu/fig1.pdf"]


def test_a_misspelt_rule_or_file_gets_its_nearest() -> None:
    assert no_target("wu_clams", KNOWN, "quick-sample").endswith("Did you mean 'wu_claims'?")
    assert no_target("results/quick-sample/wu/figl.pdf", KNOWN, "quick-sample").endswith("Did you mean 'results/quick-sample/wu/fig1.pdf'?")


def test_a_file_that_this_run_has_in_another_folder_is_named_with_that_folder() -> None:
    told = no_target("results/quick/wu/fig1.pdf", KNOWN, "quick-sample")
    assert told.endswith("It writes to results/quick-sample: ask for 'results/quick-sample/wu/fig1.pdf'.")


def test_what_is_like_nothing_gets_the_kinds_of_targets() -> None:
    assert no_target("xyzzy", KNOWN, "quick").endswith("Targets are all, a paper's key, and the files of results/quick.")


def test_a_file_of_another_preset_is_answered_with_the_way_to_it() -> None:
    known = ["results/quick/wu/fig1.pdf"]
    told = no_target("results/smoke/wu/fig1.pdf", known, "quick", ["paper", "smoke"])
    assert told.endswith("ask for 'results/quick/wu/fig1.pdf', or add --config preset=smoke behind the target.")
    assert "--config" not in no_target("results/smok/wu/fig1.pdf", known, "quick", ["paper", "smoke"])


def test_a_report_names_the_presets_that_have_run() -> None:
    assert no_report("a.pdf", []).endswith("Run the same command without --report first.")
    assert no_report("a.pdf", ["smoke"]).endswith("first, or add --config preset=smoke, which has results.")
