"""Entries of normalization, in both modes, with parameters and statistics that are not 0 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from .entry import Drawn, Entry, normal

SAMPLE_LAWS = ("samples_do_not_leak", "evaluation_is_deterministic", "ignores_batch_order")


def parameters(draw: Any, shape: tuple[int, ...], options: dict[str, Any]) -> dict[str, Any]:
    """Values for what a layer of these settings has; ``affine`` by either of its names."""
    affine = options.get("affine", options.get("elementwise_affine"))
    names = ["weight", "bias"][: 0 if not affine else 2 if options.get("bias", True) else 1]
    return {name: draw(normal(*shape)) for name in names}


@st.composite
def tracking(draw: Any, shapes: list[tuple[int, ...]], inner: int = 0) -> Drawn:
    """Examples of a layer that may keep running statistics; ``inner`` axes are its places."""
    shape = draw(st.sampled_from(shapes))
    tracked, training = draw(st.booleans()), draw(st.booleans())
    options: dict[str, Any] = {
        "eps": draw(st.sampled_from([1e-5, 0.1])),
        "momentum": draw(st.sampled_from([None, 0.0, 0.1, 1.0])),
        "affine": draw(st.booleans()),
        "track_running_stats": tracked,
        "bias": draw(st.booleans()),
    }
    single = inner == len(shape) - 1  # one sample, without an axis for samples
    channels = shape[0 if single else 1 : 1 if single else 2]
    state = parameters(draw, channels, options)
    if tracked:
        state["running_mean"] = draw(normal(*channels))
        state["running_var"] = draw(normal(*channels, low=0.2))
        state["num_batches_tracked"] = np.int64(draw(st.integers(0, 3)))
    laws: tuple[str, ...] = ()
    if not single:
        laws = ("ignores_batch_order", "evaluation_is_deterministic", "ignores_scale_and_shift")
        laws += ("samples_do_not_leak",) if inner or tracked else ()
    x = draw(normal(*shape))
    return Drawn((x,), channels, options, state=state, training=training, laws=laws)


@st.composite
def layer_norm(draw: Any) -> Drawn:
    shape, axes = draw(st.sampled_from([((4,), 1), ((3, 4), 1), ((2, 1, 3), 1), ((2, 2, 3), 2)]))
    options = {
        "eps": draw(st.sampled_from([1e-5, 0.1])),
        "elementwise_affine": draw(st.booleans()),
        "bias": draw(st.booleans()),
    }
    wanted = shape[-axes:]
    given = draw(st.sampled_from([wanted, list(wanted), wanted[0] if axes == 1 else wanted]))
    state = parameters(draw, wanted, options)
    return Drawn((draw(normal(*shape)),), (given,), options, state=state)


@st.composite
def rms_norm(draw: Any) -> Drawn:
    shape, axes = draw(st.sampled_from([((4,), 1), ((3, 4), 1), ((2, 1, 3), 1), ((2, 2, 3), 2)]))
    options = {
        "eps": draw(st.sampled_from([None, 1e-5, 0.1])),
        "elementwise_affine": draw(st.booleans()),
    }
    wanted = shape[-axes:]
    state = parameters(draw, wanted, {**options, "bias": False})
    return Drawn((draw(normal(*shape)),), (wanted,), options, state=state)


@st.composite
def group_norm(draw: Any) -> Drawn:
    groups, each = draw(st.sampled_from([(1, 3), (2, 2), (3, 1), (2, 1)]))
    places = draw(st.sampled_from([(), (3,), (2, 2)] if each > 1 else [(3,), (2, 2)]))
    channels = groups * each
    options = {
        "eps": draw(st.sampled_from([1e-5, 0.1])),
        "affine": draw(st.booleans()),
        "bias": draw(st.booleans()),
    }
    x = draw(normal(draw(st.integers(1, 2)), channels, *places))
    state = parameters(draw, (channels,), options)
    return Drawn((x,), (groups, channels), options, state=state)


ENTRIES = [
    Entry("BatchNorm1d", tracking([(3, 2), (4, 1), (2, 2, 2), (1, 2, 3)])),
    Entry("BatchNorm2d", tracking([(2, 2, 1, 2), (1, 1, 2, 2), (3, 2, 1, 1)])),
    Entry("InstanceNorm1d", tracking([(2, 3), (2, 2, 3), (1, 1, 4)], 1)),
    Entry("InstanceNorm2d", tracking([(2, 2, 2), (2, 2, 1, 3), (1, 1, 2, 2)], 2)),
    Entry("LayerNorm", layer_norm(), laws=(*SAMPLE_LAWS, "ignores_scale_and_shift")),
    Entry("GroupNorm", group_norm(), laws=(*SAMPLE_LAWS, "ignores_scale_and_shift")),
    Entry("RMSNorm", rms_norm(), laws=SAMPLE_LAWS),
]
