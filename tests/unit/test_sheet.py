"""All figures in one picture."""

from pathlib import Path

import pytest
from PIL import Image

from repro.settings import ROOT
from scripts.publish import readme, sheet


def test_rows_are_closed_where_they_come_nearest_to_the_full_width() -> None:
    third = sheet.WIDTH / 3
    assert sheet.rows([third] * 7) == [[0, 1, 2], [3, 4, 5], [6]]
    assert sheet.rows([2 * sheet.WIDTH, third]) == [[0], [1]], "one that is too wide stands alone"


def test_every_figure_is_in_the_sheet_once_and_none_is_cut(tmp_path: Path) -> None:
    colors = ["#ff0000", "#00ff00", "#0000ff", "#ff00ff", "#00ffff", "#ffff00", "#808080"]
    paths = [tmp_path / f"{at}.png" for at in range(len(colors))]
    for at, (path, color) in enumerate(zip(paths, colors, strict=True)):
        Image.new("RGB", (600 + 100 * at, 400), color).save(path)
    whole = sheet.sheet(paths)
    areas = {color: n for n, color in whole.getcolors(maxcolors=1000) if n > 1000 and color != (195, 201, 207)}
    assert len(areas) == len(colors)
    for at, color in enumerate(colors):
        mask = Image.new("L", whole.size)
        wanted = tuple(int(color[k : k + 2], 16) for k in (1, 3, 5))
        mask.putdata([255 * (pixel == wanted) for pixel in whole.get_flattened_data()])
        left, top, right, bottom = mask.getbbox()
        assert (right - left) / (bottom - top) == pytest.approx((600 + 100 * at) / 400, rel=0.03)
    sheet.write(paths, tmp_path / "sheet.png")
    assert Image.open(tmp_path / "sheet.png").mode == "P"


def test_the_picture_in_readme_is_light_and_has_words() -> None:
    assert (ROOT / readme.SHEET).stat().st_size <= 600_000
    assert f"]({readme.SHEET})" in (ROOT / "README.md").read_text()
