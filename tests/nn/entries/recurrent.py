"""Entries of recurrent layers and cells; states to begin with are inputs, too."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .entry import Drawn, Entry, normal


def _paired(x: Any, *states: Any) -> tuple[Any, ...]:
    """An LSTM takes state and cell as a pair."""
    return (x, states) if states else (x,)


@st.composite
def sequence(draw: Any, parts: int = 1, *, nonlinearity: bool = False) -> Drawn:
    # One thing at a time, for the price of a check; all together stand in test_recurrent.
    features, hidden, layers, ways = draw(
        st.sampled_from([(2, 1, 1, 1), (1, 2, 1, 1), (1, 1, 2, 1), (1, 1, 1, 2)])
    )
    (steps, samples), first = draw(st.sampled_from([(2, 1), (1, 2)])), draw(st.booleans())
    options = {
        "num_layers": layers,
        "bias": draw(st.booleans()),
        "batch_first": first,
        "bidirectional": ways == 2,
    }
    if nonlinearity:
        options["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    projected = parts == 2 and hidden == 2 and draw(st.booleans())
    if projected:
        options["proj_size"] = 1
    batched = draw(st.booleans())
    axes = [samples, steps] if first else [steps, samples]
    x = draw(normal(*(axes if batched else [steps]), features))
    lead = (layers * ways, *([samples] if batched else []))
    sizes = [1 if projected else hidden, hidden][:parts] if draw(st.booleans()) else []
    states = [draw(normal(*lead, count)) for count in sizes]
    arranged = _paired if parts == 2 else Drawn.arranged
    return Drawn((x, *states), (features, hidden), options, arranged=arranged)


@st.composite
def step(draw: Any, parts: int = 1, *, nonlinearity: bool = False) -> Drawn:
    features, hidden = draw(st.sampled_from([(1, 1), (2, 1), (1, 2)]))
    options: dict[str, Any] = {"bias": draw(st.booleans())}
    if nonlinearity:
        options["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    batch = draw(st.sampled_from([(), (1,), (2,)]))
    x = draw(normal(*batch, features))
    states = [draw(normal(*batch, hidden)) for _ in range(parts if draw(st.booleans()) else 0)]
    arranged = _paired if parts == 2 else Drawn.arranged
    return Drawn((x, *states), (features, hidden), options, arranged=arranged)


ENTRIES = [
    Entry("RNN", sequence(nonlinearity=True)),
    Entry("GRU", sequence()),
    Entry("LSTM", sequence(2)),
    Entry("RNNCell", step(nonlinearity=True)),
    Entry("GRUCell", step()),
    Entry("LSTMCell", step(2)),
]
