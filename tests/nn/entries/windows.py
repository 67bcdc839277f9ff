"""Entries of layers that move windows over signals and images, or give these another size."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .entry import Drawn, Entry, normal

MODES = st.sampled_from(["zeros", "reflect", "replicate", "circular"])
SAMPLE_LAWS = ("samples_do_not_leak", "ignores_batch_order")


def one_or_each(draw: Any, axes: int, low: int, high: int) -> Any:
    """A setting: one number, or one for each axis."""
    numbers = st.integers(low, high)
    return draw(st.one_of(numbers, st.tuples(*[numbers] * axes)))


def each(value: Any, axes: int) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,) * axes


def leading(draw: Any, channels: int) -> tuple[int, ...]:
    return (*draw(st.sampled_from([(), (2,)])), channels)


def kernels(draw: Any, axes: int) -> dict[str, Any]:
    """Settings of a convolution that stay small."""
    high = 3 if axes == 1 else 2
    return {
        "kernel_size": one_or_each(draw, axes, 1, high),
        "stride": one_or_each(draw, axes, 1, 2),
        "dilation": one_or_each(draw, axes, 1, 2),
        "groups": draw(st.integers(1, 2)),
        "bias": draw(st.booleans()),
    }


@st.composite
def convolution(draw: Any, axes: int) -> Drawn:
    options = kernels(draw, axes)
    options["padding_mode"] = draw(MODES)
    options["padding"] = draw(st.sampled_from([0, 1, (1, 0)[:axes], "valid", "same"]))
    if options["padding"] == "same":
        options["stride"] = 1
    ends = [draw(st.sampled_from([1, 2][options["groups"] - 1 :])) for _ in range(2)]
    reach = zip(each(options["kernel_size"], axes), each(options["dilation"], axes), strict=True)
    # A mirror shows what is there: PyTorch wants a margin smaller than the array.
    size = [max(d * (k - 1) + 1, 2) for k, d in reach]
    size[-1] += draw(st.integers(0, 2))
    x = draw(normal(*leading(draw, ends[0]), *size))
    laws = SAMPLE_LAWS if x.ndim == axes + 2 else ()
    return Drawn((x,), (*ends, options.pop("kernel_size")), options, laws=laws)


@st.composite
def transposed(draw: Any, axes: int) -> Drawn:
    options = kernels(draw, axes)
    kernel = each(options["kernel_size"], axes)
    stride, dilation = each(options["stride"], axes), each(options["dilation"], axes)
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    options["padding"] = tuple([draw(st.integers(0, (r - 1) // 2)) for r in reach])
    more = tuple([draw(st.integers(0, s - 1)) for s in stride])
    size = [draw(st.integers(1, 2)) for _ in range(axes)]
    ends = [draw(st.sampled_from([1, 2][options["groups"] - 1 :])) for _ in range(2)]
    call = {}
    if draw(st.booleans()):
        options["output_padding"] = more
    else:
        rows = zip(size, stride, options["padding"], reach, more, strict=True)
        call["output_size"] = [(n - 1) * s - 2 * p + r + m for n, s, p, r, m in rows]
    x = draw(normal(*leading(draw, ends[0]), *size))
    return Drawn((x,), (*ends, options.pop("kernel_size")), options, call)


@st.composite
def pooled(draw: Any, axes: int, largest: bool) -> Drawn:
    kernel = one_or_each(draw, axes, 1, 3)
    options: dict[str, Any] = {
        "stride": draw(st.none() | st.integers(1, 3)),
        "padding": min(each(kernel, axes)) // 2 * draw(st.integers(0, 1)),
        "ceil_mode": draw(st.booleans()),
    }
    if largest:
        options["dilation"] = one_or_each(draw, axes, 1, 2)
    else:
        options["count_include_pad"] = draw(st.booleans())
    if not largest and axes == 2:
        options["divisor_override"] = draw(st.sampled_from([None, 3]))
    steps = each(options.get("dilation", 1), axes)
    reach = [d * (k - 1) + 1 for k, d in zip(each(kernel, axes), steps, strict=True)]
    x = draw(normal(*leading(draw, 1), *[n + draw(st.integers(0, 2)) for n in reach]))
    return Drawn((x,), (kernel,), options)


@st.composite
def adaptive(draw: Any, axes: int) -> Drawn:
    size = [draw(st.integers(1, 4)) for _ in range(axes)]
    number = st.integers(1, 3)
    wanted = draw(number if axes == 1 else st.one_of(number, st.tuples(number, st.none())))
    return Drawn((draw(normal(*leading(draw, 2), *size)),), (wanted,))


@st.composite
def upsampled(draw: Any) -> Drawn:
    axes = draw(st.sampled_from([1, 2]))
    shape = (draw(st.integers(1, 2)), 1, *[draw(st.integers(1, 3)) for _ in range(axes)])
    linear = "linear" if axes == 1 else "bilinear"
    options: dict[str, Any] = {"mode": draw(st.sampled_from(["nearest", linear]))}
    # Never to the old size: PyTorch's gradient is then that of a plain copy.
    if draw(st.booleans()):
        options["size"] = draw(st.sampled_from([7, (5, 4)[:axes]]))
    else:
        options["scale_factor"] = draw(st.sampled_from([2, 3, (2.0, 1.5)[:axes], 2.5, 1.5]))
        factors = each(options["scale_factor"], axes)
        shape = (*shape[:2], *[2 if f == 1.5 else 1 for f in factors])
        options["recompute_scale_factor"] = draw(st.sampled_from([None, False, True]))
    if options["mode"] != "nearest":
        options["align_corners"] = draw(st.sampled_from([None, False, True]))
    return Drawn((draw(normal(*shape)),), (), options)


@st.composite
def unfolded(draw: Any) -> Drawn:
    kernel = one_or_each(draw, 2, 1, 2)
    options = {
        "dilation": one_or_each(draw, 2, 1, 2),
        "padding": one_or_each(draw, 2, 0, 1),
        "stride": one_or_each(draw, 2, 1, 2),
    }
    return Drawn((draw(normal(*leading(draw, 1), 3, 3)),), (kernel,), options)


@st.composite
def folded(draw: Any) -> Drawn:
    shape, arguments, options = draw(st.sampled_from(FOLDS))
    return Drawn((draw(normal(*shape)),), arguments, options)


FOLDS: list[tuple[tuple[int, ...], tuple[Any, ...], dict[str, Any]]] = [
    ((2, 4, 2), ((2, 3), 2), {}),
    ((8, 4), (3, (2, 2)), {}),
    ((1, 2, 8), ((2, 3), (1, 2)), {"padding": (0, 1), "stride": (1, 1)}),
    ((1, 4, 2), ((3, 4), 2), {"dilation": 2, "stride": 1}),
    ((4, 4), ((4, 4), 2), {"stride": (2, 2)}),
]


UNFLAT: list[tuple[int, Any]] = [
    (1, (2, 3)), (-1, (1, 2)), (0, (1, 1)), (1, (3, -1)), (-1, (-1,)), (1, [6])
]  # fmt: skip


@st.composite
def unflattened(draw: Any) -> Drawn:
    return Drawn((draw(normal(1, 6, 2)),), draw(st.sampled_from(UNFLAT)))


ENTRIES = [
    Entry("Conv1d", convolution(1)),
    Entry("Conv2d", convolution(2)),
    Entry("ConvTranspose1d", transposed(1)),
    Entry("ConvTranspose2d", transposed(2)),
    Entry("MaxPool1d", pooled(1, True)),
    Entry("MaxPool2d", pooled(2, True)),
    Entry("AvgPool1d", pooled(1, False)),
    Entry("AvgPool2d", pooled(2, False)),
    Entry("AdaptiveAvgPool1d", adaptive(1)),
    Entry("AdaptiveAvgPool2d", adaptive(2)),
    Entry("Upsample", upsampled(), laws=SAMPLE_LAWS),
    Entry("Unfold", unfolded()),
    Entry("Fold", folded()),
    Entry("Unflatten", unflattened()),
]
