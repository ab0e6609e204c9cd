"""Configuration, presets and parameters."""

from pathlib import Path

import pytest

from repro import settings
from repro.settings import SettingsError, complete_config, load_params, resolve_preset, shard

PAPER, RUN = "wu_last_iterate", "simulated_sgd"


def resolved(**config: object) -> settings.Preset:
    return resolve_preset(complete_config(config))


def test_an_empty_configuration_is_complete() -> None:
    config = complete_config({})
    assert config["preset"] == "quick"
    assert config["datasets"] == {"mirrors": [], "folder": "data", "on_unreachable": "sample"}


def test_a_section_given_in_part_keeps_the_other_defaults() -> None:
    assert complete_config({"datasets": {"folder": "elsewhere"}})["datasets"]["on_unreachable"] == "sample"


def test_defaults_are_not_shared_between_configurations() -> None:
    complete_config({})["datasets"]["mirrors"].append("somewhere")
    assert complete_config({})["datasets"]["mirrors"] == []


def test_presets_inherit_along_a_chain_and_offsets_add_up() -> None:
    presets = {
        "wide": {"extends": "quick", "seed_offset": 100, "params": {PAPER: {RUN: {"n_runs": 7, "n_times": 5}}}},
        "wider": {"extends": "wide", "seed_offset": 10, "params": {PAPER: {RUN: {"n_runs": 9}}}},
    }
    preset = resolved(preset="wider", presets=presets, seed_offset=1)
    assert (preset.base, preset.seed_offset) == ("quick", 111)
    params = load_params(PAPER, RUN, preset)
    assert (params["n_runs"], params["n_times"], params["seed_offset"]) == (9, 5, 111)


def test_a_circle_of_presets_is_named() -> None:
    presets = {"a": {"extends": "b"}, "b": {"extends": "a"}}
    with pytest.raises(SettingsError, match="a → b → a is a circle"):
        resolved(preset="a", presets=presets)


@pytest.mark.parametrize("name", ["quick", "own-sample", "Wide", "2wide"])
def test_names_that_would_mix_results_are_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"config: presets: '{name}' will not do: a name is of small letters"):
        complete_config({"presets": {name: {"extends": "smoke"}}})


def test_a_run_without_seeds_ignores_the_offset() -> None:
    preset = resolved(seed_offset=5)
    assert "seed_offset" not in load_params(PAPER, "schedules", preset)
    assert load_params(PAPER, RUN, preset)["seed_offset"] == 5


def test_parameters_of_one_call_do_not_leak_into_the_next() -> None:
    load_params(PAPER, "schedules", "quick")["n_train"].append(0)
    assert 0 not in load_params(PAPER, "schedules", "quick")["n_train"]


@pytest.mark.parametrize("n_shards", [1, 2, 3, 7, 9])
def test_shards_cover_a_list_once_and_in_order(n_shards: int) -> None:
    parts = [shard({"cases": list(range(7))}, "cases", index, n_shards)["cases"] for index in range(n_shards)]
    assert sum(parts, []) == list(range(7))  # noqa: RUF017 - short lists
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_shards_of_a_count_say_where_they_start() -> None:
    parts = [shard({"n_seeds": 7}, "n_seeds", index, 3) for index in range(3)]
    covered = [part["shard_start"] + i for part in parts for i in range(part["n_seeds"])]
    assert covered == list(range(7))


def test_unknown_names_get_the_nearest_word() -> None:
    with pytest.raises(SettingsError, match="Did you mean 'wu_last_iterate'"):
        settings.selected_papers({"papers": ["wu_last_iterat"]})
    with pytest.raises(SettingsError, match="Did you mean 'schedules'"):
        load_params(PAPER, "schedule")


@pytest.mark.parametrize("empty", [{"datasets": None}, {"presets": None, "papers": None}])
def test_a_key_with_nothing_beneath_has_its_default(empty: dict[str, None]) -> None:
    assert complete_config(empty) == complete_config({})


def test_a_folder_is_expanded_and_spelt_in_one_way() -> None:
    assert complete_config({"datasets": {"folder": "~/images"}})["datasets"]["folder"] == str(Path("~/images").expanduser())
    assert complete_config({"datasets": {"folder": "./data/"}})["datasets"]["folder"] == "data"


def test_no_paper_at_all_is_refused() -> None:
    with pytest.raises(SettingsError, match="config: papers"):
        complete_config({"papers": []})


def test_nested_numbers_from_the_command_line_are_numbers() -> None:
    presets = {"wide": {"extends": "quick", "seed_offset": "100", "params": {PAPER: {RUN: {"n_runs": "7", "relative_stepsize": "1e-1"}}}}}
    preset = resolved(preset="wide", presets=presets)
    assert preset.seed_offset == 100
    assert preset.overrides[PAPER][RUN] == {"n_runs": 7, "relative_stepsize": 0.1}


@pytest.mark.parametrize(
    ("run", "values", "message"),
    [
        (RUN, {"n_runs": 2.5}, "n_runs: 2.5 is not a whole number; quick has"),
        (RUN, {"n_runs": 0}, "n_runs: 0 is less than 1"),
        (RUN, {"n_runs": "many"}, "n_runs: 'many' is not a number"),
        (RUN, {"noise_variance": float("nan")}, "noise_variance: nan is not finite"),
        ("schedules", {"n_train": []}, "n_train: .* is empty"),
        ("schedules", {"n_train": [64, "128 or so"]}, "n_train: .* holds '128 or so', which is not a number"),
        (RUN, {"shards": 2}, "'shards' is not one of"),
    ],
)
def test_a_value_that_cannot_stand_for_a_parameter_is_refused(run: str, values: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        resolved(preset="own", presets={"own": {"extends": "quick", "params": {PAPER: {run: values}}}})


@pytest.mark.parametrize("shards", [0, -1, 2.5])
def test_a_number_of_jobs_counts(shards: float) -> None:
    with pytest.raises(SettingsError, match=f"shards: {shards} is"):
        resolved(preset="own", presets={"own": {"extends": "quick", "params": {"biggs_bounds": {"networks": {"shards": shards}}}}})


@pytest.mark.parametrize("text", ["", "# preset: quick\n"])
def test_a_configuration_file_may_be_empty(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.yaml"
    assert not settings.has_keys(file)
    file.write_text(text)
    assert not settings.has_keys(file)


def test_a_configuration_file_that_is_no_mapping_is_named(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("- quick\n")
    with pytest.raises(SettingsError, match=r"config\.yaml: must hold keys"):
        settings.has_keys(file)


def test_a_short_run_of_ones_own_is_split_into_no_more_jobs_than_it_has_parts() -> None:
    params = {"biggs_bounds": {"networks": {"blocks": load_params("biggs_bounds", "networks", "paper")["blocks"][:2]}}}
    preset = resolved(preset="short", presets={"short": {"extends": "paper", "params": params}})
    assert load_params("biggs_bounds", "networks", preset)["shards"] == 2


@pytest.mark.parametrize(("preset", "lower"), [("smoke", 0.16), ("quick", 0.16), ("paper", None)])
def test_figures_have_no_bounds_of_what_only_another_preset_judges(preset: str, lower: float | None) -> None:
    part = settings.figure_about("wu_last_iterate", "fig2", preset)["claims"]["C4b"]["lower_constant"]
    assert part["lower"] == lower
    assert settings.figure_about("wu_last_iterate", "fig2", preset)["claims"]["C2"]["smallest_ratio"]["lower"] is not None


def test_the_datasets_that_a_figure_draws_may_differ_by_preset() -> None:
    drawn = {preset: settings.figure_about("biggs_bounds", "fig_size", preset)["datasets"] for preset in ("quick", "paper")}
    assert drawn == {"quick": ["mnist"], "paper": None}
    assert settings.datasets_drawn({"datasets": ["mnist"]}, "paper") == ["mnist"]
