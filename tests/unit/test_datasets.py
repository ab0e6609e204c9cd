"""Loading and preprocessing of images, against independent computations."""

import colorsys
from fractions import Fraction

import numpy as np
import pytest

from repro import datasets


@pytest.fixture
def folder(tmp_path):
    """Decoded dataset of 7 + 3 colour images of 2 × 3 pixels."""
    rng = np.random.default_rng(0)
    for split, n in (("train", 7), ("test", 3)):
        np.save(tmp_path / f"{split}_images.npy", rng.integers(0, 256, (n, 3, 2, 3), dtype=np.uint8))
        np.save(tmp_path / f"{split}_labels.npy", np.arange(n) % 3)
    return tmp_path


def test_images_are_the_first_in_file_order_scaled_to_the_unit_interval(folder):
    stored = np.load(folder / "train_images.npy")
    loaded = datasets.images(folder, "train", 4)
    assert loaded.dtype == np.float32
    np.testing.assert_array_equal(loaded, (stored[:4].astype(np.float32) / np.float32(255)))
    np.testing.assert_array_equal(datasets.images(folder, "train", dtype=np.float64), stored / 255)


def test_stored_pixels_come_unscaled_and_as_a_writable_copy(folder):
    pixels = datasets.images(folder, "test", dtype=np.uint8)
    np.testing.assert_array_equal(pixels, np.load(folder / "test_images.npy"))
    pixels[:] = 0
    assert np.load(folder / "test_images.npy").any()


def test_a_count_beyond_the_dataset_is_capped(folder):
    assert len(datasets.images(folder, "test", 100)) == len(datasets.labels(folder, "test", 100)) == datasets.size(folder, "test") == 3
    assert datasets.images(folder, "test", 0).shape == (0, 3, 2, 3)


def test_labels_are_int64_and_keep_the_order(folder):
    labels = datasets.labels(folder, "train", 5)
    assert labels.dtype == np.int64
    assert labels.tolist() == [0, 1, 2, 0, 1]


def test_sign_labels_tell_even_classes_from_odd_ones_and_vehicles_from_animals(tmp_path):
    np.save(tmp_path / "train_labels.npy", np.arange(10))
    for dataset in ("mnist", "fashion_mnist"):
        np.testing.assert_array_equal(datasets.sign_labels(tmp_path, "train", dataset), [1, -1] * 5)
    np.testing.assert_array_equal(datasets.sign_labels(tmp_path, "train", "cifar10"), [1, 1, -1, -1, -1, -1, -1, -1, 1, 1])
    with pytest.raises(ValueError, match="dataset 'svhn' is not one of mnist, fashion_mnist, cifar10"):
        datasets.sign_labels(tmp_path, "train", "svhn")


def test_wrong_arguments_are_told(folder, tmp_path):
    with pytest.raises(ValueError, match="-1"):
        datasets.images(folder, "train", -1)
    with pytest.raises(ValueError, match="int32 is neither floating nor uint8"):
        datasets.images(folder, "train", dtype=np.int32)
    with pytest.raises(FileNotFoundError, match="decode the dataset first"):
        datasets.labels(tmp_path / "nowhere", "train")


def test_an_array_that_was_cut_short_is_named_with_the_way_out(folder):
    file = folder / "train_images.npy"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(ValueError, match=rf"train_images\.npy: not a whole array .* Delete {folder} and run again"):
        datasets.images(folder, "train")


def test_grey_mean_is_the_plain_average_of_the_channels(folder):
    images = datasets.images(folder, "train")
    grey = datasets.grey_mean(images)
    assert grey.dtype == np.float32
    np.testing.assert_allclose(grey, (images[:, 0] + images[:, 1] + images[:, 2]) / 3, rtol=1e-6)
    pixels = datasets.images(folder, "train", dtype=np.uint8)
    assert datasets.grey_mean(pixels)[0, 0, 0] == pytest.approx(sum(map(int, pixels[0, :, 0, 0])) / 3)


def test_luma_is_the_exactly_rounded_weighted_sum():
    triples = np.random.default_rng(3).integers(0, 256, (500, 3), dtype=np.uint8)
    luma = datasets.grey_luma(triples.reshape(500, 3, 1, 1))
    assert luma.dtype == np.uint8
    assert luma.shape == (500, 1, 1)
    for (red, green, blue), value in zip(triples.tolist(), luma.ravel().tolist(), strict=True):
        exact = Fraction(299, 1000) * red + Fraction(587, 1000) * green + Fraction(114, 1000) * blue
        assert abs(exact - value) <= Fraction(1, 2)
        assert value == pytest.approx(255 * colorsys.rgb_to_yiq(red / 255, green / 255, blue / 255)[0], abs=3), "30, 59, 11 % there"


def test_luma_of_grey_is_grey_and_a_half_is_rounded_up():
    levels = np.arange(256, dtype=np.uint8).reshape(256, 1, 1, 1)
    np.testing.assert_array_equal(datasets.grey_luma(np.repeat(levels, 3, axis=1)), levels[:, 0])
    np.testing.assert_array_equal(datasets.grey_luma(levels), levels[:, 0])
    half = np.array([0, 250, 250], dtype=np.uint8)  # 0.587 · 250 + 0.114 · 250 = 175.25
    assert datasets.grey_luma(half.reshape(1, 3, 1, 1)).item() == 175
    half = np.array([0, 0, 250], dtype=np.uint8)  # 28.5
    assert datasets.grey_luma(half.reshape(1, 3, 1, 1)).item() == 29


def test_luma_refuses_scaled_images(folder):
    with pytest.raises(ValueError, match="uint8"):
        datasets.grey_luma(datasets.images(folder, "train"))


def test_unit_norm_gives_rows_of_length_one_in_the_same_direction_and_leaves_zero_alone():
    x = np.random.default_rng(4).normal(size=(6, 5)).astype(np.float32)
    x[2] = 0
    unit = datasets.unit_norm(x)
    assert unit.dtype == np.float32
    np.testing.assert_allclose(np.sqrt((unit.astype(float) ** 2).sum(1)), [1, 1, 0, 1, 1, 1], atol=1e-6)
    np.testing.assert_allclose((unit * x).sum(1), np.sqrt((x.astype(float) ** 2).sum(1)), rtol=1e-5)


@pytest.mark.parametrize("block", [1, 4, 5000])
def test_second_moment_is_the_mean_outer_product_whatever_the_blocks(block):
    x = np.random.default_rng(5).normal(size=(11, 2, 3)).astype(np.float32)
    expected = np.mean([np.outer(row, row) for row in x.reshape(11, 6).astype(float)], axis=0)
    moment = datasets.second_moment(x, block)
    assert moment.dtype == np.float64
    np.testing.assert_allclose(moment, expected, rtol=1e-12)


def test_second_moment_does_not_overflow_the_pixels_type():
    pixels = np.full((3, 1, 1, 1), 255, dtype=np.uint8)
    assert datasets.second_moment(pixels).item() == 255**2


def test_second_moment_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="at least one row"):
        datasets.second_moment(np.empty((0, 3)))


def test_eigenbasis_recovers_a_known_spectrum_with_fixed_signs():
    values = np.array([5.0, 3.0, 1.0, 0.5])
    orthogonal, _ = np.linalg.qr(np.random.default_rng(6).normal(size=(4, 4)))
    orthogonal = orthogonal * np.sign(orthogonal[np.abs(orthogonal).argmax(0), range(4)])
    got_values, got_vectors = datasets.eigenbasis(orthogonal @ np.diag(values) @ orthogonal.T)
    np.testing.assert_allclose(got_values, values, rtol=1e-12)
    np.testing.assert_allclose(got_vectors, orthogonal, atol=1e-12)


def test_eigenbasis_of_a_diagonal_matrix_is_the_standard_basis_in_descending_order():
    values, vectors = datasets.eigenbasis(np.diag([1.0, 4.0, 2.0]))
    assert values.tolist() == [4, 2, 1]
    np.testing.assert_array_equal(vectors, np.eye(3)[:, [1, 2, 0]])


def test_pooling_takes_the_mean_of_each_block():
    images = np.arange(2 * 4 * 6, dtype=np.float64).reshape(2, 4, 6)
    pooled = datasets.pool(images, 2)
    assert pooled.shape == (2, 2, 3)
    assert pooled[1, 0, 2] == images[1, :2, 4:].mean()
    assert datasets.pool(images.astype(np.uint8), 2).dtype == np.float64
    with pytest.raises(ValueError, match="blocks of 4 × 4 do not fill images of 4 × 6"):
        datasets.pool(images, 4)
