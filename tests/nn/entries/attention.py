"""Entries of attention and of what is made of it; every query may look at the first key."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tinygrad_edu import nn

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


@st.composite
def state(draw: Any, *names: str, width: int) -> dict[str, Any]:
    """Biases and scales, which are 0 and 1 at first."""
    long = {"self_attn.in_proj_bias": 3, "multihead_attn.in_proj_bias": 3}
    return {name: draw(normal(long.get(name, 1) * width)) for name in names}


@st.composite
def encoder_layer(draw: Any) -> Drawn:
    width, heads = 2, draw(st.sampled_from([1, 2]))
    first, alone = draw(st.booleans()), draw(st.booleans())
    steps, samples = draw(st.sampled_from([(2, 1), (1, 2)]))
    samples = 1 if alone else samples
    options = {
        "dropout": 0.0,
        "activation": draw(st.sampled_from(["relu", "gelu"])),
        "layer_norm_eps": draw(st.sampled_from([0.1, 1.0])),  # less would leave signs of two
        "batch_first": first,
        "norm_first": draw(st.booleans()),
        "bias": draw(st.booleans()),
    }
    given = draw(masks(samples, heads, steps, steps))
    if alone and "key_padding_mask" in given:
        given["key_padding_mask"] = given["key_padding_mask"][0]
    names = {"attn_mask": "src_mask", "key_padding_mask": "src_key_padding_mask"}
    call = {names.get(name, name): value for name, value in given.items()}
    x = draw(
        normal(*([steps] if alone else [samples, steps] if first else [steps, samples]), width)
    )
    learned = ["norm1.bias", "norm2.bias", "self_attn.in_proj_bias", "self_attn.out_proj.bias"]
    names = [*(learned if options["bias"] else []), "norm1.weight", "norm2.weight"]
    arrays = draw(state(*names, width=width))
    return Drawn((x,), (width, heads, 1), options, call, state=arrays)


@st.composite
def decoder_layer(draw: Any) -> Drawn:
    width, heads, first = 2, draw(st.sampled_from([1, 2])), draw(st.booleans())
    options = {
        "dropout": 0.0,
        "activation": draw(st.sampled_from(["relu", "gelu"])),
        "layer_norm_eps": 0.5,
        "batch_first": first,
        "norm_first": draw(st.booleans()),
        "bias": draw(st.booleans()),
    }
    own, other = draw(masks(1, heads, 2, 2)), draw(masks(1, heads, 2, 3))
    call = {f"tgt_{name.removeprefix('attn_')}": value for name, value in own.items()}
    call |= {f"memory_{name.removeprefix('attn_')}": value for name, value in other.items()}
    x, memory = draw(normal(2, width)), draw(normal(3, width))
    if draw(st.booleans()):
        x, memory = (a[None] if first else a[:, None] for a in (x, memory))
    else:
        for name in ("tgt_key_padding_mask", "memory_key_padding_mask"):
            if name in call:
                call[name] = call[name][0]
    learned = [f"norm{k}.bias" for k in (1, 2, 3)] + ["multihead_attn.in_proj_bias"]
    names = [*(learned if options["bias"] else []), *[f"norm{k}.weight" for k in (1, 2, 3)]]
    arrays = draw(state(*names, width=width))
    return Drawn((x, memory), (width, heads, 1), options, call, state=arrays)


class Block(nn.Module):
    """Stands for a layer of a transformer, whose gradients are checked by themselves."""

    def __init__(self) -> None:
        self.map = nn.Linear(2, 2)

    def forward(self, x: Any, *others: Any, is_causal: bool = False) -> Any:
        """Read the sequence, and the memory if there is one."""
        memory = others[0] if others and others[0] is not None else 0.0
        return self.map(x) * (x + memory)


@st.composite
def stacked(draw: Any, *, memory: bool = False) -> Drawn:
    norm = nn.LayerNorm(2, 0.5) if draw(st.booleans()) else None
    x, count = draw(normal(2, 1, 2)), 1 + memory
    return Drawn((x, draw(normal(1, 1, 2)))[:count], (Block(), draw(st.integers(1, 2)), norm))


@st.composite
def whole(draw: Any) -> Drawn:
    options = {"dropout": 0.0, "bias": False, "layer_norm_eps": 0.5}
    sizes = draw(st.sampled_from([(1, 0), (0, 0)]))
    return Drawn((draw(normal(2, 1, 2)), draw(normal(1, 1, 2))), (2, 1, *sizes, 1), options)


@st.composite
def positions(draw: Any, *arguments: Any, **options: Any) -> Drawn:
    first, alone = draw(st.booleans()), draw(st.booleans())
    axes = draw(st.sampled_from([[3, 2], [2, 1], [1, 3]]))
    options["batch_first"] = first
    return Drawn((draw(normal(*(axes[:1] if alone else axes), 3)),), arguments, options)


STACK = "it takes a layer; see test_transformer"
ENTRIES = [
    Entry("MultiheadAttention", multihead()),
    Entry("TransformerEncoderLayer", encoder_layer(), apart="*attn"),
    Entry("TransformerDecoderLayer", decoder_layer(), apart="*attn"),
    Entry("TransformerEncoder", stacked(), unlike=STACK),
    Entry("TransformerDecoder", stacked(memory=True), unlike=STACK),
    Entry("Transformer", whole(), unlike="PyTorch warns; see test_transformer"),
    Entry("PositionalEncoding", positions(3, 0.0), unlike="PyTorch has it in a tutorial only"),
    Entry("PositionalEmbedding", positions(3, 3), unlike="in PyTorch a parameter does"),
]
