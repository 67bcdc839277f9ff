"""Every step of the page, in a browser: what it shows is what the engine computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.browser.reading import graded, lit, panel, step_to, walk
from tests.graph.models import gallery
from tinygrad_edu import nn
from tinygrad_edu.graph import draw

pytestmark = [pytest.mark.browser, pytest.mark.once]


def xor() -> tuple[Any, Any]:
    x = tg.Tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], name="x")
    y = tg.Tensor([[0.0], [1.0], [1.0], [0.0]], name="y")
    model = nn.MLP((2, 4, 1), activation="tanh", dtype=np.float64, rng=0)
    for path, parameter in model.named_parameters():
        parameter.name = path
    weight = dict(model.named_parameters())["2.weight"]
    with tg.Tape() as tape:
        loss = tg.mean(tg.square(model(x) - y)) + 0.01 * tg.sum(weight * weight)
    return loss, tape


def assert_shows(shown: Any, array: Any) -> None:
    """All digits in the titles of the cells, three in the cells."""
    exact = np.asarray(array, dtype=float).reshape(-1)
    assert [float(cell) for cell in shown["cells"]] == exact.tolist()
    written = [float(word.replace("−", "-")) for word in shown["words"]]
    assert written == pytest.approx(exact.tolist(), rel=5e-3)


@pytest.fixture(scope="module")
def text() -> tuple[str, Any, Any]:
    loss, tape = xor()
    return draw(loss, title="XOR").html(), loss, tape


def test_forward_steps_show_the_values_of_the_engine(opened: Any, text: Any) -> None:
    html, _, tape = text
    page = opened(html)
    for k, row in enumerate(tape):
        step_to(page, k + 1)
        shown = panel(page)
        assert shown["pill"] == f"forward {k + 1} / {len(tape)}"
        assert lit(page) == [f"op{k}"]
        (title,) = [key for key in shown["headings"] if key.startswith("inputs")]
        assert len(shown["headings"][title]) == len(row.inputs)
        for one, x in zip(shown["headings"][title], row.inputs, strict=True):
            assert_shows(one, x.data)
        (output,) = shown["headings"]["output"]
        assert_shows(output, row.data)
        assert "".join(shown["marks"]) == row.site.expression


def test_backward_steps_show_the_adjoints_of_the_engine(opened: Any, text: Any) -> None:
    html, loss, tape = text
    page = opened(html)
    rows = {row: k for k, row in enumerate(tape)}
    steps = list(tape.step_back(loss))
    sums: dict[Any, Any] = {}
    for k, step in enumerate(steps):
        step_to(page, len(rows) + k + 1)
        shown = panel(page)
        assert shown["pill"] == f"backward {k + 1} / {len(steps)}"
        assert lit(page) == [f"op{rows[step.row]}"]
        (arrived,) = shown["headings"]["arrives here"]
        assert_shows(arrived, step.cotangent)
        sent = [one for one in shown["headings"]["sends back"] if one["cells"]]
        assert len(sent) == len(step.contributions)
        for one, contribution in zip(sent, step.contributions, strict=True):
            assert_shows(one, contribution.value)
            x = contribution.input
            sums[x] = sums.get(x, 0) + np.asarray(contribution.value)
            for whole in one["inner"]:  # the last of several contributions
                assert_shows(whole, sums[x])
    weights = [x for x in sums if isinstance(x, tg.Parameter)]
    assert len(weights) == 4
    gradients = tape.gradient(loss, weights)
    for weight, gradient in zip(weights, gradients, strict=True):
        assert np.allclose(gradient, sums[weight], rtol=1e-13)


def test_contributions_are_counted(opened: Any, text: Any) -> None:
    html, loss, tape = text
    page = opened(html)
    notes = []
    for k in range(len(list(tape.step_back(loss)))):
        step_to(page, len(tape) + k + 1)
        sent = panel(page)["headings"]["sends back"]
        notes += [one["note"] for one in sent if one["name"] == "to 2.weight"]
    assert notes == [f"contribution {k} of 3" for k in (1, 2, 3)]


def test_gradient_is_drawn_once_all_its_contributions_have_arrived(opened: Any, text: Any) -> None:
    html, loss, _ = text
    page = opened(html)
    seen = draw(loss).seen
    rows = [node for node in seen.nodes.values() if node.is_row]
    edges = [edge for edge in seen.edges if edge.gradient is not None]
    assert graded(page) == {node.id for node in seen.nodes.values() if node.adjoint is not None}
    for k in range(len(rows)):
        step_to(page, k + 1)
        assert graded(page) == set()
    done: set[str] = set()
    for k, row in enumerate(reversed(rows)):
        done.add(row.id)
        step_to(page, len(rows) + k + 1)
        readers = {
            node.id: {edge.target for edge in edges if edge.source == node.id}
            for node in seen.nodes.values()
            if node.adjoint is not None
        }
        assert graded(page) == {name for name, reading in readers.items() if reading <= done}


def test_what_is_not_computed_yet_is_dim_and_at_step_0_nothing_is(opened: Any, text: Any) -> None:
    html, _, tape = text
    page = opened(html)
    dim = "boxes => boxes.map((box) => box.dataset.id)"
    assert page.eval_on_selector_all(".node.waiting, .edge.waiting", "all => all.length") == 0
    for k in range(len(tape)):
        step_to(page, k + 1)
        later = [f"op{j}" for j in range(k + 1, len(tape))]
        assert page.eval_on_selector_all(".node.waiting", dim) == later
    step_to(page, len(tape) + 1)
    assert page.eval_on_selector_all(".node.waiting", "all => all.length") == 0


def test_lines_of_the_step_flow_and_only_those(opened: Any, text: Any) -> None:
    html, loss, tape = text
    page = opened(html)
    rows = {row: k for k, row in enumerate(tape)}
    flowing = "lines => lines.map((line) => line.dataset.edge.split(':')[1])"
    for k, row in enumerate(rows):
        step_to(page, k + 1)
        assert page.eval_on_selector_all(".edge.flowing", flowing) == [f"op{k}"] * len(row.inputs)
    for k, step in enumerate(tape.step_back(loss)):
        step_to(page, len(rows) + k + 1)
        expected = [f"op{rows[step.row]}"] * len(step.contributions)
        assert page.eval_on_selector_all(".edge.flowing", flowing) == expected


@pytest.mark.parametrize("name", sorted(gallery))
def test_every_program_of_the_gallery_can_be_stepped_through(opened: Any, name: str) -> None:
    page = opened(gallery[name]().html(), reduced_motion="reduce")
    last = int(page.get_attribute("#slider", "max"))
    steps = range(0, last + 1, max(last // 40, 1))
    titles = walk(page, "document.querySelector('#panel h2').textContent", steps)
    assert all(titles)
    boxes = walk(
        page,
        "new Set([...document.querySelectorAll('.lit')].map((one) => one.dataset.id)).size",
        steps,
    )
    assert boxes == [int(step > 0) for step in steps]


def test_formulas_are_drawn_as_mathematics(opened: Any, text: Any) -> None:
    page = opened(text[0])
    step_to(page, len(text[2]) + 1)  # the loss, an addition
    lines = page.eval_on_selector_all(".formula math", "all => all.map((one) => one.textContent)")
    assert lines == ["x=z", "y=z"]
    bars = page.eval_on_selector_all(".formula .bar", "all => all.map((one) => one.textContent)")
    assert bars == ["x", "z", "y", "z"]


def test_any_number_can_be_shown(opened: Callable[..., Any]) -> None:
    numbers = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, -1e-300, 5e300, 12345.0])
    w = tg.Parameter(np.ones(8), name="w")
    with np.errstate(all="ignore"):
        odd = tg.where(tg.Tensor(np.arange(8) > 3), w * tg.Tensor(numbers, name="x"), 2.0)
        loss = tg.sum(odd) + tg.sum(w[tg.Tensor(np.array([2, 1]))] * np.array([2**60, 1]))
    page = opened(draw(loss).html())
    for words in walk(page, "document.getElementById('panel').textContent"):
        assert not re.search("undefined|NaN|null|Object", words)
    assert "not finite" in "".join(walk(page, "document.getElementById('panel').textContent"))
