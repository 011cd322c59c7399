"""Curves of the page: what can be seen of few points, of many, and of none."""

import re

import numpy as np
import pytest

from rvc.ui.charts import line_chart


@pytest.mark.parametrize(("count", "dots"), [(1, 1), (12, 12), (500, 0)])
def test_few_points_are_dots_and_many_are_a_line(count, dots):
    steps = np.arange(count) * 100.0
    svg = line_chart({"mel": (steps, 0.4 - 1e-4 * steps)}, label="mel")
    assert svg.count("<circle") == dots and svg.count('class="mk-line') == 1


def test_what_was_not_measured_is_not_drawn():
    gap = [0.5, float("nan"), 0.4]
    assert line_chart({"likeness": ([1, 2, 3], gap)}, label="l").count("<circle") == 2
    assert line_chart({"likeness": ([1, 2], [float("nan")] * 2)}, label="l") == ""


def test_the_name_of_the_axis_stands_clear_of_its_numbers():
    svg = line_chart({"mel": ([0, 600], [0.5, 0.4])}, label="mel", x_label="step")
    number = float(re.search(r'y="([\d.]+)" text-anchor="middle">600<', svg)[1])
    name = float(re.search(r'class="mk-axis"[^>]* y="([\d.]+)"', svg)[1])
    assert name - number > 15  # taller than its letters
