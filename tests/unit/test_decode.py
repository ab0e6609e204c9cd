"""From verified archives to arrays, and the embedded sample."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from repro import datasets
from scripts.datasets import store
from scripts.datasets.content import BadContent
from scripts.datasets.decode import decode, parse_cifar, parse_idx
from scripts.datasets.make_sample import choose, pack
from scripts.datasets.mirrors import registry
from scripts.datasets.sample import unpack
from tests.unit.tiny_datasets import cifar_dataset, idx_bytes, idx_dataset

SAMPLES = Path(__file__).parents[2] / "workflow" / "samples"


def fetched(folder, files):
    """Lay out files as the fetch rule leaves them."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "sources.json").write_text(json.dumps({name: f"https://host/{name}" for name in files}))
    return folder


class Malicious:
    """Unpickling it would make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("make", [idx_dataset, cifar_dataset])
def test_decoding_gives_the_images_and_labels_that_were_packed(tmp_path, make):
    entry, files, arrays = make()
    decode("tiny", entry, fetched(tmp_path / "raw", files), tmp_path / "real")
    for name, expected in arrays.items():
        decoded = np.load(tmp_path / "real" / f"{name}.npy", mmap_mode="r")
        assert decoded.dtype == (np.uint8 if name.endswith("images") else np.int64)
        np.testing.assert_array_equal(decoded, expected)


def test_provenance_tells_source_addresses_hashes_shapes_and_counts(tmp_path):
    entry, files, _ = idx_dataset()
    decode("tiny", entry, fetched(tmp_path / "raw", files), tmp_path / "real")
    told = json.loads((tmp_path / "real" / "provenance.json").read_text())
    assert (told["dataset"], told["source"]) == ("tiny", "real")
    assert told["files"] == {name: f"https://host/{name}" for name in files}
    assert told["members"] == {name: sha for hashes in entry["files"].values() for name, sha in hashes.items()}
    assert told["shapes"]["train_images"] == [6, 1, 2, 3]
    assert told["counts"] == {"train": [3, 3], "test": [2, 2]}


def test_a_file_that_changed_after_fetching_is_refused_and_nothing_is_written(tmp_path):
    entry, files, _ = idx_dataset()
    _, (other, *_), _ = idx_dataset()
    raw = fetched(tmp_path / "raw", files)
    (raw / other).write_bytes(files["t10k-images-idx3-ubyte.gz"])
    way_out = f"Delete {raw}/sources.json and run again: what is not good will be fetched anew."
    with pytest.raises(BadContent, match=f"tiny: {raw / other}: SHA-256 .* {way_out}"):
        decode("tiny", entry, raw, tmp_path / "real")
    (raw / other).unlink()
    with pytest.raises(BadContent, match=f"tiny: {raw / other}: not there. {way_out}"):
        decode("tiny", entry, raw, tmp_path / "real")
    assert not (tmp_path / "real").exists()


def test_a_pickle_is_not_read_before_its_hash_is_right(tmp_path):
    entry, _, _ = cifar_dataset()
    _, files, _ = cifar_dataset(test_batch=pickle.dumps(Malicious(tmp_path / "made")))
    with pytest.raises(BadContent, match="SHA-256 of batches/test_batch differs"):
        decode("tiny", entry, fetched(tmp_path / "raw", files), tmp_path / "real")
    assert not (tmp_path / "made").exists()


def test_a_pickle_that_calls_something_is_refused_even_with_the_right_hash(tmp_path):
    entry, files, _ = cifar_dataset(test_batch=pickle.dumps(Malicious(tmp_path / "made")))
    with pytest.raises(BadContent, match="refused to unpickle"):
        decode("tiny", entry, fetched(tmp_path / "raw", files), tmp_path / "real")
    assert not (tmp_path / "made").exists()
    assert not (tmp_path / "real").exists()


@pytest.mark.parametrize("call", [b"cos\nsystem\n(S'true'\ntR.", b"cbuiltins\neval\n(S'1'\ntR.", b"cnumpy\nload\n(S'x'\ntR."])
def test_only_array_reconstruction_is_admitted(call):
    with pytest.raises(BadContent, match="refused to unpickle"):
        parse_cifar(call)


def test_a_batch_pickled_by_python_2_is_read():
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I1\nI2\ntcnumpy\ndtype\n(S'u1'\nI0\nI1\ntR"
    batch = parse_cifar(b"(dS'data'\n" + array + b"(I3\nS'|'\nNNNI-1\nI-1\nI0\ntbI00\nS'\\x07\\x08'\ntbsS'labels'\n(lI5\nas.")
    assert batch[b"data"].tolist() == [[7, 8]]
    assert batch[b"labels"] == [5]


@pytest.mark.parametrize("content", [b"", b"not a pickle", pickle.dumps([1])[:-1]])
def test_something_that_is_no_batch_is_told(content):
    with pytest.raises(BadContent, match="not a CIFAR batch"):
        parse_cifar(content)


def test_idx_headers_are_checked():
    good = idx_bytes(np.arange(6).reshape(1, 2, 3))
    np.testing.assert_array_equal(parse_idx(good), np.arange(6).reshape(1, 2, 3))
    with pytest.raises(BadContent, match="not an IDX file of unsigned bytes"):
        parse_idx(b"\x00\x00\x0d" + good[3:])
    with pytest.raises(BadContent, match="header is cut short"):
        parse_idx(good[:9])
    with pytest.raises(BadContent, match=r"header says \(1, 2, 3\), and 5 bytes follow"):
        parse_idx(good[:-1])


def test_another_number_of_images_than_expected_is_refused(tmp_path):
    entry, files, _ = idx_dataset()
    entry["shapes"] = {"train": [7, 1, 2, 3], "test": [4, 1, 2, 3]}
    with pytest.raises(BadContent, match=r"train images have the shape \(6, 1, 2, 3\), not \(7, 1, 2, 3\)"):
        decode("tiny", entry, fetched(tmp_path / "raw", files), tmp_path / "real")


def test_labels_outside_the_classes_are_refused_before_anything_is_written(tmp_path):
    _, _, arrays = idx_dataset()
    with pytest.raises(ValueError, match="tiny: train: labels go from 0 to 1, not within 0 to 0"):
        store.write(tmp_path / "out", arrays, 1, {"dataset": "tiny"})
    assert not (tmp_path / "out").exists()


def test_the_first_of_each_class_are_chosen_in_file_order():
    assert choose(np.array([1, 1, 0, 1, 0, 0, 2]), 2).tolist() == [0, 1, 2, 4, 6]


def test_packing_and_unpacking_a_sample_keeps_pixels_and_labels(tmp_path):
    entry, files, arrays = idx_dataset()
    decode("tiny", entry, fetched(tmp_path / "raw", files), tmp_path / "real")
    pack(tmp_path / "real", tmp_path / "tiny.npz")
    unpack("tiny", tmp_path / "tiny.npz", tmp_path / "sample", 2)
    for name, expected in arrays.items():
        np.testing.assert_array_equal(np.load(tmp_path / "sample" / f"{name}.npy"), expected)
    assert json.loads((tmp_path / "sample" / "provenance.json").read_text())["source"] == "sample"


@pytest.mark.parametrize("dataset", ["mnist", "fashion_mnist", "cifar10"])
def test_the_embedded_sample_is_balanced_and_unpacks_to_the_shape_of_the_real_images(tmp_path, dataset):
    entry = registry()[dataset]
    unpack(dataset, SAMPLES / f"{dataset}.npz", tmp_path, entry["classes"])
    for split, count in (("train", 200), ("test", 50)):
        assert datasets.images(tmp_path, split, dtype=np.uint8).shape == (10 * count, *entry["shapes"][split][1:])
        assert np.bincount(datasets.labels(tmp_path, split)).tolist() == [count] * 10


def test_the_embedded_samples_are_small():
    assert sum(path.stat().st_size for path in SAMPLES.glob("*.npz")) < 10e6
