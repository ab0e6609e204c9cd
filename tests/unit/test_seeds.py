"""Keyed random streams."""

import numpy as np

from repro.seeds import generator, integer, seeds


def test_equal_keys_give_equal_streams() -> None:
    assert np.array_equal(generator("p", "r", "a", 0.5, seed=3).random(5), generator("p", "r", "a", 0.5, seed=3).random(5))


def test_any_part_of_the_key_gives_another_stream() -> None:
    keys = [
        ("p", "r", ("a",), 0),
        ("q", "r", ("a",), 0),
        ("p", "s", ("a",), 0),
        ("p", "r", ("b",), 0),
        ("p", "r", ("a",), 1),
        ("p", "r", (), 0),
    ]
    first = {generator(paper, run, *setting, seed=seed).random() for paper, run, setting, seed in keys}
    assert len(first) == len(keys)


def test_the_parts_of_a_key_are_kept_apart() -> None:
    assert integer("p", "ab", "c", seed=0) != integer("p", "a", "bc", seed=0)


def test_integers_fit_a_signed_64_bit_seed() -> None:
    assert all(0 <= integer("p", "r", k, seed=k) < 2**63 for k in range(1000))


def test_seeds_follow_the_offset_and_the_shard() -> None:
    assert seeds({"n_seeds": 3, "seed_offset": 100}, first=1) == [101, 102, 103]
    assert seeds({"n_seeds": 2, "seed_offset": 100, "shard_start": 5}) == [105, 106]
