"""Images of razin_htf: pairs on a canvas, and Pathfinder drawings whose pieces are counted."""

import numpy as np
import pytest

from scripts.razin_htf.inputs import Pairs, Region, draw_pairs, normalised, on_canvas, windows
from scripts.razin_htf.paths import Drawing, draw_images
from scripts.razin_htf.runs import pathfinder


def test_images_stand_where_the_task_says_and_the_rest_is_exactly_zero():
    pairs = np.random.default_rng(0).standard_normal((4, 2, 3, 32, 32)) + 10
    for distance in (0, 40, 80, 120, 160):
        left, right = windows(distance, 32, 224, 224)
        assert (left.top, right.top) == (96, 96)
        assert left.left == 224 // 2 - 32 - distance // 2
        assert right.left == left.left + 32 + distance
        canvas = on_canvas(pairs, distance, 224, 224)
        np.testing.assert_array_equal(left.cut(canvas), pairs[:, 0])
        np.testing.assert_array_equal(right.cut(canvas), pairs[:, 1])
        assert np.count_nonzero(canvas) == pairs.size
    assert windows(160, 32, 224, 224) == (Region(96, 0, 32), Region(96, 192, 32))
    with pytest.raises(ValueError, match="do not fit"):
        windows(161, 32, 224, 224)


def test_pairs_are_of_one_class_half_of_the_time_and_only_of_the_chosen_classes():
    rng, n = np.random.default_rng(0), 4000
    labels = rng.integers(0, 10, 500)
    pairs: Pairs = draw_pairs(np.random.default_rng(1), labels, n, classes=[0, 6])
    drawn = labels[pairs.images]
    assert set(drawn.ravel()) == {0, 6}
    np.testing.assert_array_equal(drawn[:, 0] == drawn[:, 1], pairs.same == 1)
    assert abs(pairs.same.mean() - 0.5) < 5 * 0.5 / np.sqrt(n)
    assert len(set(labels[draw_pairs(np.random.default_rng(1), labels, n).images].ravel())) == 10
    with pytest.raises(ValueError, match="classes must be two or more"):
        draw_pairs(rng, labels, 5, classes=[0, 11])


def test_images_are_scaled_by_channel_and_pooled(tmp_path):
    pixels = np.full((3, 3, 4, 4), 255, dtype=np.uint8)
    pixels[:, :, ::2] = 0
    np.save(tmp_path / "train_images.npy", pixels)
    found = normalised(tmp_path, "train", pool=2)
    assert found.shape == (3, 3, 2, 2)
    np.testing.assert_allclose(found[0, :, 0, 0], (0.5 - np.array([0.491, 0.482, 0.446])) / np.array([0.247, 0.243, 0.261]), rtol=1e-5)


def test_pathfinder_images_hold_as_many_dashes_as_they_should():
    drawing = Drawing()
    images, joined = draw_images(np.random.default_rng(0), 12, 3, drawing)
    assert images.shape == (12, 300, 300)
    assert set(joined) == {0.0, 1.0}
    border = drawing.padding - drawing.marker_radius - 1
    assert not images[:, :border].any() and not images[:, :, :border].any() and not images[:, -border:].any()  # noqa: PT018
    ndimage = pytest.importorskip("scipy.ndimage")
    for image in images:
        _, n_pieces = ndimage.label(image, structure=np.ones((3, 3)))
        assert 30 <= n_pieces <= 36  # 2 · 3 + 30 dashes; those beneath a marker may touch it, and sharp turns each other
    with pytest.raises(ValueError, match="do not fit"):
        draw_images(np.random.default_rng(0), 1, 40, drawing)


def test_markers_stand_at_the_ends_of_one_path_or_of_two():
    """With gaps of one pixel closed, a path is one piece, and so the markers are on one piece or on two."""
    images, joined = draw_images(np.random.default_rng(3), 40, 9, Drawing(margin=1))
    ndimage = pytest.importorskip("scipy.ndimage")
    on_one = {0.0: [], 1.0: []}
    for image, one in zip(images, joined, strict=True):
        thick = ndimage.binary_opening(image > 0, structure=np.ones((4, 4)))
        marks, n_marks = ndimage.label(thick)
        if n_marks == 2:
            grown, _ = ndimage.label(ndimage.binary_dilation(image > 0, structure=np.ones((3, 3)), iterations=1))
            first, second = (grown[tuple(np.rint(at).astype(int))] for at in ndimage.center_of_mass(thick, marks, [1, 2]))
            on_one[one.item()].append(first == second)
    assert min(map(len, on_one.values())) >= 10
    assert all(on_one[1.0])
    assert np.mean(on_one[0.0]) < 0.5  # two paths may touch each other once gaps are closed


def test_pathfinder_regions_do_not_overlap_and_lie_on_the_image():
    rng = np.random.default_rng(0)
    for _ in range(500):
        inside, other = pathfinder._regions(rng, {"image_size": 5, "region_size": 2})
        covered = np.zeros((5, 5), dtype=int)
        for region in (inside, other):
            region.cut(covered)[...] += 1
        assert covered.sum() == 8
        assert covered.max() == 1
