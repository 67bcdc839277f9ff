"""The replay of a training as a file: sealed, small, the same each time, true to the record."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.explorables.runs import classifier, classifiers
from tests.graph.test_page import Elements
from tinygrad_edu.explorables import Page, training_replay
from tinygrad_edu.explorables.quantised import Blob

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u2028\ud800"


def opened(page: Page) -> tuple[Any, bytes]:
    """The data of a page, and the bytes behind it."""
    packed = Elements(page.html).one("script", id="data")
    text, _, numbers = zlib.decompress(base64.b64decode(packed)).partition(b"\0")
    return json.loads(text), numbers


def film(numbers: bytes, place: list[int], frames: int) -> Any:
    """What the script makes of the bytes of a film."""
    start, length = place
    steps = np.frombuffer(numbers, np.uint8, length, start).reshape(frames, -1)
    return steps.cumsum(axis=0, dtype=np.uint8).view(np.int8)


def test_a_page_is_one_sealed_file() -> None:
    page = training_replay(classifiers(), title=HOSTILE)
    tags = Elements(page.html).tags
    assert {name for name, _ in tags}.isdisjoint({"link", "img", "iframe", "object", "form"})
    assert sum(name == "script" for name, _ in tags) == 2
    assert not any(key.startswith("on") for _, facts in tags for key in facts)
    policy = next(f["content"] for _, f in tags if f.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "http" not in page.html.replace("http-equiv", "").replace(
        "http://www.w3.org/2000/svg", ""
    )
    page.html.encode()  # lone surrogates are gone


def test_equal_runs_give_equal_bytes_in_few() -> None:
    first, second = (training_replay(classifier(settings={"a": 1})) for _ in range(2))
    assert first.html == second.html
    assert len(first.html) < 100_000


def test_numbers_of_a_page_are_those_of_the_record() -> None:
    recorder = classifier(width=4, outputs=1)
    data, numbers = opened(training_replay(recorder))
    (run,) = data["runs"]
    frames = len(recorder.frames)
    assert run["at"] == [0, 1, 2, 3, 4, 5, 6]
    assert run["loss"] == pytest.approx([frame["loss"] for frame in recorder.frames], rel=1e-4)
    answers = film(numbers, run["output"], frames).reshape(frames, 12, 12)
    logits = np.stack([frame["output"][0] for frame in recorder.frames])
    np.testing.assert_allclose(answers / 100, np.tanh(logits / 2), atol=0.0051)
    hidden = film(numbers, run["layers"][1]["fields"], frames).reshape(frames, 4, 6, 6)
    scales = np.array(run["layers"][1]["scales"])[:, None, None, None]
    fields = np.stack([frame["fields"][0] for frame in recorder.frames])
    np.testing.assert_allclose(hidden / 31 * scales, fields, atol=0.02 * float(scales.max()))
    start, length = run["layers"][1]["weights"]
    weights = np.frombuffer(numbers[start : start + length], "<f4").reshape(frames, 4, 2)
    np.testing.assert_array_equal(weights[-1], recorder.frames[-1]["weights"][0])


def test_a_film_keeps_what_is_not_finite_apart() -> None:
    blob = Blob()
    place = blob.film([[np.nan, 1.0], [-1.0, np.inf]], 1.0, 31)
    assert film(b"".join(blob.parts), place, 2).tolist() == [[-128, 31], [-31, -128]]


def test_settings_are_knobs_and_every_run_has_its_place() -> None:
    data, _ = opened(training_replay(classifiers()))
    assert data["knobs"] == [
        {"name": "learning rate", "choices": ["0.01", "1"]},
        {"name": "width", "choices": ["2", "5"]},
    ]
    assert [run["place"] for run in data["runs"]] == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_wide_layers_are_drawn_in_part() -> None:
    data, _ = opened(training_replay(classifier(width=33)))
    assert data["runs"][0]["layers"][1]["units"] == 33
    assert len(data["runs"][0]["layers"][1]["shown"]) == 10


def test_states_are_said_in_words() -> None:
    def states(*given: Any, cut: int = 0) -> list[str]:
        data, _ = opened(training_replay(classifier(*given, epochs=12, cut=cut)))
        return [state for state, _ in data["runs"][0]["said"]]

    assert states(0.5, 8)[0] == "untrained"
    assert states(0.5, 8)[-1] == "solved"
    assert states(1e-6)[-1] == "stuck"
    assert states(cut=2)[-1] == "diverged"


def test_runs_that_do_not_belong_together_are_refused() -> None:
    errors = tg.errors.ArgumentError
    with pytest.raises(errors, match="no FieldRecorder"):
        training_replay([3])
    with pytest.raises(errors, match="recorded nothing"):
        training_replay([])
    with pytest.raises(errors, match="recorded nothing"):
        training_replay(tg.training.FieldRecorder(*tg.data.xor(8, rng=0)))
    with pytest.raises(errors, match="one run has the settings a, another none"):
        training_replay([classifier(settings={"a": 1}), classifier()])
    with pytest.raises(errors, match="two runs have the same settings: 1"):
        training_replay([classifier(settings={"a": 1}), classifier(settings={"a": 1})])
    other = tg.training.FieldRecorder(*tg.data.xor(8, rng=3), settings={"a": 2})
    other.frames = classifier().frames
    with pytest.raises(errors, match="different samples"):
        training_replay([classifier(settings={"a": 1}), other])
    with pytest.raises(errors, match="theme"):
        training_replay(classifier(), theme="pink")


def test_pages_are_saved_as_html_alone(tmp_path: Any) -> None:
    page = training_replay(classifier())
    assert page.save(tmp_path / "a.html").read_text(encoding="utf-8") == page.html
    with pytest.raises(tg.errors.ArgumentError, match="written as"):
        page.save(tmp_path / "a.png")
    assert page._repr_html_().count("<") == 2  # the frame and its end: nothing of the page itself


def test_two_outputs_are_shown_by_what_decides_between_them() -> None:
    recorder = classifier()
    data, numbers = opened(training_replay(recorder))
    (run,) = data["runs"]
    powers = np.exp(np.stack([frame["output"] for frame in recorder.frames]))
    shares = powers / powers.sum(axis=1, keepdims=True)
    shown = film(numbers, run["output"], 7).reshape(7, 12, 12)
    np.testing.assert_allclose(shown / 100, shares[:, 1] - shares[:, 0], atol=0.0051)
    start, length = run["layers"][2]["weights"]
    weights = np.frombuffer(numbers[start : start + length], "<f4").reshape(7, 1, 3)
    last = recorder.frames[-1]["weights"][1]
    np.testing.assert_allclose(weights[-1], last[1:] - last[:1], rtol=1e-6)


def test_more_classes_have_fifteen_shades_each() -> None:
    x, y = tg.data.blobs(60, centers=3, rng=0)
    model = tg.nn.MLP((2, 4, 3), rng=0)
    recorder = tg.training.FieldRecorder(x, y, points=12)
    tg.training.fit(
        model, (x, y), tg.nn.CrossEntropyLoss(), tg.nn.optim.Adam(model, lr=0.1), epochs=4,
        callbacks=[recorder], progress=False, rng=0,
    )  # fmt: skip
    data, numbers = opened(training_replay(recorder))
    (run,) = data["runs"]
    assert data["count"] == 3
    shown = film(numbers, run["output"], 5).reshape(5, 12, 12)
    best = np.stack([frame["output"].argmax(axis=0) for frame in recorder.frames])
    np.testing.assert_array_equal(shown >> 4, best)
