"""Entries of attention and of what is made of it; every query may look at the first key."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from .entry import Drawn, Entry, normal


@st.composite
def mask(draw: Any, *shape: int) -> np.ndarray:
    """Numbers to add, or truth values, of which the last axis keeps one open."""
    values = draw(normal(*shape))
    return values if draw(st.booleans()) else (values > 0.3) & (np.arange(shape[-1]) > 0)


@st.composite
def masks(draw: Any, samples: int, heads: int, queries: int, keys: int) -> dict[str, Any]:
    """Arguments for masks of one kind, as PyTorch wants them, or none."""
    kind = draw(st.sampled_from(["none", "pairs", "all pairs", "keys", "both", "causal"]))
    found: dict[str, Any] = {}
    if kind in ("pairs", "both"):
        found["attn_mask"] = draw(mask(queries, keys))
    if kind == "all pairs":
        found["attn_mask"] = draw(mask(samples * heads, queries, keys))
    if kind in ("keys", "both"):
        found["key_padding_mask"] = draw(mask(samples, keys))
    if kind == "both" and found["attn_mask"].dtype != found["key_padding_mask"].dtype:
        del found["attn_mask"]
    if kind == "causal":  # PyTorch wants the mask as well
        found |= {"attn_mask": ~np.tri(queries, keys, dtype=bool), "is_causal": True}
    return found


@st.composite
def multihead(draw: Any) -> Drawn:
    heads, each = draw(st.sampled_from([(1, 1), (1, 2), (2, 1)]))
    width, first, alone = heads * each, draw(st.booleans()), draw(st.booleans())
    queries, keys, samples = draw(st.sampled_from([(2, 2, 1), (1, 2, 2), (2, 3, 1), (2, 1, 2)]))
    samples = 1 if alone else samples
    kinds = draw(st.sampled_from([(width, width)] * 2 + [(1, width), (width, 2), (2, 1)]))
    options = {
        "bias": draw(st.booleans()),
        "add_bias_kv": draw(st.booleans()),
        "add_zero_attn": draw(st.booleans()),
        "batch_first": first,
    } | ({"kdim": kinds[0], "vdim": kinds[1]} if kinds != (width, width) else {})
    operands = [
        draw(normal(*([n] if alone else [samples, n] if first else [n, samples]), features))
        for n, features in zip((queries, keys, keys), (width, *kinds), strict=True)
    ]
    call = draw(masks(samples, heads, queries, keys))
    if alone and "key_padding_mask" in call:
        call["key_padding_mask"] = call["key_padding_mask"][0]
    call["need_weights"] = draw(st.booleans())
    call["average_attn_weights"] = draw(st.booleans())
    if "is_causal" in call and (options["add_bias_kv"] or options["add_zero_attn"]):
        del call["is_causal"]  # PyTorch then drops its mask, and looks ahead
    return Drawn(tuple(operands), (width, heads), options, call)


ENTRIES = [Entry("MultiheadAttention", multihead())]
