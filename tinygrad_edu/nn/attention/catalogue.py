"""The errors of attention: one function per situation, each with the edit that mends it."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...types import Array, Shape


def heads_do_not_divide(features: int, heads: int) -> Exception:
    """The features of a layer cannot be dealt out to its heads evenly."""
    divisors = [n for n in range(1, features + 1) if features % n == 0]
    near = min(divisors, key=lambda n: abs(n - heads))
    return errors.ArgumentError(
        f"embed_dim={features} cannot be divided among num_heads={heads}",
        why="each head takes an equal part of the features",
        fix=f"num_heads={near}   # or embed_dim={-(-features // heads) * heads}",
    )


def wrong_axes(layer: Any, path: str, shapes: list[Shape]) -> Exception:
    """Query, key and value are not all sequences, or not all batches of them."""
    axes = "(samples, steps, features)" if layer.batch_first else "(steps, samples, features)"
    one = [f"{name}[None]" if layer.batch_first else f"{name}[:, None]"
           for name, shape in zip(("query", "key", "value"), shapes, strict=True)
           if len(shape) == 2]  # fmt: skip
    return errors.ShapeError(
        f"{path} got {_given(shapes)}, expected {axes}, or (steps, features) of one sequence",
        shapes=shapes,
        op="multihead_attention",
        why="all three are batches, or all three are not",
        fix=f"{one[0]}   # a batch of one" if one else "query.reshape((*query.shape[:2], -1))",
    )


def wrong_features(layer: Any, path: str, shapes: list[Shape]) -> Exception:
    """Query, key or value has other features than the layer has weights for."""
    given = [shape[-1] for shape in shapes]
    wanted = [layer.embed_dim, layer.kdim, layer.vdim]
    more = "" if len(set(given)) == 1 else f", kdim={given[1]}, vdim={given[2]}"
    heads = layer.num_heads if given[0] % layer.num_heads == 0 else 1
    return errors.ShapeError(
        f"{path} = MultiheadAttention({layer.embed_dim}): {_given(shapes)} have {given} features, "
        f"expected {wanted}",
        shapes=shapes,
        op="multihead_attention",
        why="each feature has a column of weights of its own",
        fix=f"nn.MultiheadAttention({given[0]}, {heads}{more})",
    )


def wrong_lengths(layer: Any, path: str, shapes: list[Shape]) -> Exception:
    """Query, key and value are not of equally many samples, or key and value not equally long."""
    steps, samples = (1, 0) if layer.batch_first else (0, 1)
    if shapes[1] != shapes[2][:-1] + shapes[1][-1:]:
        why, fix = "every key has its value", "value = key"
    else:
        why = "every sample has queries and keys of its own"
        fix = "key.swapaxes(0, 1)   # or nn.MultiheadAttention(..., batch_first=True)"
        if shapes[1][steps] != shapes[0][samples]:
            fix = f"key[:, :{shapes[0][1]}]" if samples else f"key[:{shapes[0][0]}]"
    return errors.ShapeError(
        f"{path} got {_given(shapes)}", shapes=shapes, op="multihead_attention", why=why, fix=fix
    )


def _given(shapes: list[Shape]) -> str:
    return f"query {shapes[0]}, key {shapes[1]} and value {shapes[2]}"


def mask_of_type(name: str, mask: Array) -> Exception:
    """A mask of whole numbers, which could mean one thing or its opposite."""
    return errors.DTypeError(
        f"{name} is {mask.dtype}: is 1 open or closed?",
        shapes=(mask.shape,),
        op="multihead_attention",
        why="a mask has truth values, true where a look is closed, or floats to add to the scores",
        fix=f"{name} == 0   # if 1 stands for a position to look at",
    )


def mask_of_shape(name: str, given: Shape, shapes: list[Shape]) -> Exception:
    """A mask that does not belong to the queries and keys."""
    expected = " or ".join(map(str, shapes))
    fits = len(given) == 2 and given[::-1] in shapes
    return errors.ShapeError(
        f"{name} has shape {given}, expected {expected}",
        shapes=(given, *shapes),
        op="multihead_attention",
        why="attn_mask: (queries, keys), or (samples * heads, queries, keys); key_padding_mask: "
        "(samples, keys)",
        fix=f"{name}.T" if fits else f"np.zeros({shapes[0]}, bool)   # true closes",
    )
