"""Colours that can be told apart, and text that stays text."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies as st

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.graph.palette import DARK, LIGHT, Palette, on, palette
from tinygrad_edu.webpage import escape

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.1."""
    red, green, blue = (
        x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4
        for x in (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@THEMES
def test_text_of_every_kind_can_be_read_on_its_fill_and_the_page(theme: Palette) -> None:
    for kind, ink in theme.kinds.items():
        assert contrast(ink.text, ink.fill) >= 4.5, kind
    assert contrast(theme.muted, theme.canvas) >= 4.5


@THEMES
def test_every_heat_has_a_colour_on_which_its_number_can_be_read(theme: Palette) -> None:
    for tenth in range(-120, 60):
        fill = theme.heat(10 ** (tenth / 10))
        assert contrast(fill, on(fill)) >= 3.0, tenth


@THEMES
def test_only_zero_has_no_colour_and_signs_differ(theme: Palette) -> None:
    assert theme.heat(0.0) == theme.signed(0.0) == theme.canvas
    assert theme.heat(1e-300) != theme.canvas
    assert theme.signed(0.5) != theme.signed(-0.5)
    assert theme.signed(float("nan")) == theme.heat(float("inf")) == theme.bad


def test_an_unknown_theme_is_refused_with_those_there_are() -> None:
    with pytest.raises(ArgumentError, match="'light', 'dark'"):
        palette("sepia")


@given(st.text(st.characters(codec=None, categories=None)))
def test_any_text_is_one_text_node_and_one_attribute(text: str) -> None:
    node = ET.fromstring(f'<a b="{escape(text)}">{escape(text)}</a>')
    plain = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "?", text)
    assert (node.text or "") == plain
    assert node.get("b") == re.sub(r"[\t\n]", " ", plain)
    assert list(node) == []
