"""Charts: few points, many, none; and nothing in them is markup."""

import re

import numpy as np
import pytest

from rvc.charts import line_chart


@pytest.mark.parametrize(("count", "dots"), [(1, 1), (12, 12), (500, 0)])
def test_few_points_are_dots_and_many_are_a_line(count, dots):
    steps = np.arange(count) * 100.0
    svg = line_chart({"mel": (steps, 0.4 - 1e-4 * steps)}, label="mel")
    assert svg.count("<circle") == dots and svg.count("<path") == 1


def test_what_was_not_measured_is_not_drawn():
    gap = [0.5, float("nan"), 0.4]
    assert line_chart({"likeness": ([1, 2, 3], gap)}, label="l").count("<circle") == 2
    assert line_chart({"likeness": ([1, 2], [float("nan")] * 2)}, label="l") == ""


def test_the_name_of_the_axis_stands_clear_of_its_numbers():
    svg = line_chart({"mel": ([0, 600], [0.5, 0.4])}, label="mel", x_label="step")
    number, name = (
        float(re.search(rf'y="([\d.]+)" text-anchor="[a-z]+"[^>]*>{words}<', svg)[1])
        for words in ("600", "step")
    )
    assert name - number > 15  # taller than its letters


def test_words_in_a_chart_are_text():
    words = '<b>"&'
    svg = line_chart({words: ([0, 1], [0, 1]), "b": ([0], [0])}, label=words, x_label=words)
    assert "<b>" not in svg and svg.count("&lt;b&gt;&#34;&amp;") == 3
