"""Attention one query at a time."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .loops import Array, broadcast_place, places


def attention(
    query: Array, key: Array, value: Array, mask: Array | None = None, *, is_causal: bool,
    scale: float,
) -> Array:  # fmt: skip
    batch = np.broadcast_shapes(query.shape[:-2], key.shape[:-2], value.shape[:-2])
    keys = key.shape[-2]
    out = np.zeros((*batch, query.shape[-2], value.shape[-1]))
    for *b, i in places((*batch, query.shape[-2])):
        q, k, v = (x[broadcast_place(tuple(b), x.shape[:-2])] for x in (query, key, value))
        shares = {}
        for j in range(keys):
            score = scale * sum(float(a) * float(c) for a, c in zip(q[i], k[j], strict=True))
            if mask is not None:
                entry = mask[broadcast_place((*b, i, j), mask.shape)]
                if mask.dtype == bool and not entry:
                    continue
                score += 0.0 if mask.dtype == bool else float(entry)
            if not is_causal or j <= i:
                shares[j] = math.exp(score)
        for j, share in shares.items():
            out[(*b, i)] += share / sum(shares.values()) * v[j]
    return out


REFERENCES: dict[str, Callable[..., Array]] = {"attention": attention}
