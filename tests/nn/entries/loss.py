"""Entries of losses. Floating inputs are differentiated; class numbers and signs are integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from .entry import Drawn, Entry, labels, normal

REDUCTIONS = st.sampled_from(["mean", "sum", "none"])
SHAPES = st.sampled_from([(), (3,), (2, 2)])
NO_PEER = "PyTorch has no such loss"


@st.composite
def shares(draw: Any, *shape: int) -> np.ndarray:
    """Probabilities well inside 0 to 1."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return rng.uniform(0.2, 0.8, shape)


@st.composite
def rows(draw: Any, *shape: int) -> np.ndarray:
    """Probabilities that add up to one along the second axis."""
    parts = draw(shares(*shape))
    return parts / parts.sum(axis=int(len(shape) > 1), keepdims=True)


@st.composite
def signs(draw: Any, *shape: int) -> np.ndarray:
    """Whole numbers 1 and -1."""
    return 2 * draw(labels(*shape, classes=2)) - 1


@st.composite
def several(draw: Any, count: int, *shape: int) -> tuple[np.ndarray, ...]:
    """Arrays that are never equal, which is a kink of many losses."""
    return tuple(np.asarray(part) for part in draw(normal(count, *shape)))


@st.composite
def compared(draw: Any, **settings: st.SearchStrategy[Any]) -> Drawn:
    """Two arrays of one shape, with settings."""
    shape = draw(SHAPES)
    options = {name: draw(values) for name, values in settings.items()}
    return Drawn(draw(several(2, *shape)), (), options | {"reduction": draw(REDUCTIONS)})


@st.composite
def cross_entropy(draw: Any) -> Drawn:
    samples, classes = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    inner = draw(st.sampled_from([(), (2,)]))
    options = {
        "reduction": draw(REDUCTIONS),
        "label_smoothing": draw(st.sampled_from([0.0, 0.1])),
        "weight": draw(st.none() | shares(classes)),
    }
    scores = draw(normal(samples, classes, *inner))
    if draw(st.booleans()):
        return Drawn((scores, draw(rows(samples, classes, *inner))), (), options)
    numbers = draw(numbered(options, samples, *inner, classes=classes))
    return Drawn((scores, numbers), (), options)


@st.composite
def numbered(draw: Any, options: dict[str, Any], *shape: int, classes: int) -> np.ndarray:
    """Class numbers, of which some may not count, and sets the option for it; the first counts."""
    numbers = draw(labels(*shape, classes=classes))
    ignored = draw(st.sampled_from([None, -100, -1, 7]))
    if ignored is not None:
        options["ignore_index"] = ignored
        numbers[draw(labels(*shape, classes=2)) == 1] = ignored
        numbers.flat[0] = 0
    return numbers


@st.composite
def nll(draw: Any) -> Drawn:
    samples, classes = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    inner = draw(st.sampled_from([(), (2,)]))
    options = {"reduction": draw(REDUCTIONS), "weight": draw(st.none() | shares(classes))}
    numbers = draw(numbered(options, samples, *inner, classes=classes))
    logs = -draw(normal(samples, classes, *inner, low=0.2))
    return Drawn((logs, numbers), (), options)


@st.composite
def binary(draw: Any, logits: bool) -> Drawn:
    shape = draw(SHAPES)
    fitting = st.sampled_from([shape, shape[-1:]]).flatmap(lambda part: shares(*part))
    options = {"reduction": draw(REDUCTIONS), "weight": draw(st.none() | fitting)}
    if logits:
        options["pos_weight"] = draw(st.none() | fitting)
    prediction = draw(normal(*shape) if logits else shares(*shape))
    return Drawn((prediction, draw(shares(*shape))), (), options)


@st.composite
def divergence(draw: Any) -> Drawn:
    shape = draw(st.sampled_from([(3,), (2, 2)]))
    log_target = draw(st.booleans())
    target = -draw(normal(*shape, low=0.2)) if log_target else draw(shares(*shape))
    reduction = draw(st.sampled_from(["mean", "sum", "none", "batchmean"]))
    options = {"log_target": log_target, "reduction": reduction}
    return Drawn((-draw(normal(*shape, low=0.2)), target), (), options)


@st.composite
def signed(draw: Any, margin: bool = True) -> Drawn:
    shape = draw(SHAPES)
    options = {"reduction": draw(REDUCTIONS)}
    if margin:
        options["margin"] = draw(st.sampled_from([0.3, 1.0]))
    return Drawn((draw(normal(*shape)), draw(signs(*shape))), (), options)


@st.composite
def hinge(draw: Any) -> Drawn:
    if draw(st.booleans()):
        return draw(signed())
    classes, inner = draw(st.integers(2, 3)), draw(st.sampled_from([(), (2,)]))
    options = {"reduction": draw(REDUCTIONS), "margin": draw(st.sampled_from([0.3, 1.0]))}
    inputs = draw(normal(2, classes, *inner)), draw(labels(2, *inner, classes=classes))
    return Drawn(inputs, (), options)


@st.composite
def multi_margin(draw: Any) -> Drawn:
    leading, classes = draw(st.sampled_from([(), (1,), (3,)])), draw(st.integers(1, 3))
    options = {
        "p": draw(st.sampled_from([1, 2])),
        "margin": draw(st.sampled_from([0.3, 1.0])),
        "weight": draw(st.none() | shares(classes)),
        "reduction": draw(REDUCTIONS),
    }
    inputs = draw(normal(*leading, classes)), draw(labels(*leading, classes=classes))
    return Drawn(tuple(np.asarray(x) for x in inputs), (), options)


@st.composite
def ranking(draw: Any) -> Drawn:
    shape = draw(SHAPES)
    options = {"margin": draw(st.sampled_from([0.0, 0.5])), "reduction": draw(REDUCTIONS)}
    return Drawn((*draw(several(2, *shape)), draw(signs(*shape))), (), options)


@st.composite
def triplet(draw: Any) -> Drawn:
    shape = draw(st.sampled_from([(3,), (2, 3), (2, 1)]))
    options = {
        "margin": draw(st.sampled_from([0.5, 2.0])),
        "p": draw(st.sampled_from([1.0, 2.0, 3.0])),
        "eps": draw(st.sampled_from([1e-6, 0.1])),
        "swap": draw(st.booleans()),
        "reduction": draw(REDUCTIONS),
    }
    return Drawn(draw(several(3, *shape)), (), options)


@st.composite
def angles(draw: Any) -> Drawn:
    leading = draw(st.sampled_from([(), (3,)]))
    options = {"margin": draw(st.sampled_from([-0.3, 0.0, 0.4])), "reduction": draw(REDUCTIONS)}
    return Drawn((*draw(several(2, *leading, 3)), draw(signs(*leading))), (), options)


@st.composite
def players(draw: Any, batches: int) -> Drawn:
    games = ["nonsaturating", "saturating", "hinge", "least_squares", "wasserstein"]
    inputs = [draw(normal(*draw(st.sampled_from([(3,), (2, 1)])))) for _ in range(batches)]
    return Drawn(tuple(inputs), (draw(st.sampled_from(games)),))


ENTRIES = [
    Entry("MSELoss", compared()),
    Entry("L1Loss", compared()),
    Entry("HuberLoss", compared(delta=st.sampled_from([0.5, 2.0]))),
    Entry("SmoothL1Loss", compared(beta=st.sampled_from([0.0, 0.5, 2.0]))),
    Entry("CrossEntropyLoss", cross_entropy()),
    Entry("NLLLoss", nll()),
    Entry("BCELoss", binary(logits=False)),
    Entry("BCEWithLogitsLoss", binary(logits=True)),
    Entry("KLDivLoss", divergence()),
    Entry("SoftMarginLoss", signed(margin=False)),
    Entry("HingeLoss", hinge(), unlike=NO_PEER),
    Entry("MultiMarginLoss", multi_margin()),
    Entry("HingeEmbeddingLoss", signed()),
    Entry("MarginRankingLoss", ranking()),
    Entry("TripletMarginLoss", triplet()),
    Entry("CosineEmbeddingLoss", angles()),
    Entry("DiscriminatorLoss", players(2), unlike=NO_PEER),
    Entry("GeneratorLoss", players(1), unlike=NO_PEER),
]
