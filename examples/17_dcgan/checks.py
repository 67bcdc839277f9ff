"""Checks of the exercises of lesson 17."""

from itertools import product

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.lessons import require


def enlarged(answer):
    """How large a transposed convolution makes an image."""
    require(answer(4, 4, 2, 1) == 8, "kernel 4, stride 2 and padding 1 double the side")
    require(answer(1, 7, 1, 0) == 7, "one pixel gives one stamp, as large as the kernel")
    for side, kernel, stride, padding in product((2, 5), (3, 4), (1, 2, 3), (0, 1)):
        layer = tg.nn.ConvTranspose2d(1, 1, kernel, stride, padding)
        right = layer(np.zeros((1, 1, side, side), np.float32))
        require(
            answer(side, kernel, stride, padding) == right.shape[-1],
            f"not for {side}, {kernel}, {stride}, {padding}: side - 1 steps lead from the first "
            "stamp to the last, and padding is cut off at both ends",
        )


def even(answer):
    """Checkerboards."""
    require(answer(4, 2), "kernel 4 and stride 2: every inner pixel is under two stamps")
    require(not answer(3, 2), "kernel 3 and stride 2: pixels are under 1, 2, 1, 2 stamps")
    require(answer(3, 1), "with stride 1 every inner pixel is under all 3 pixels of the kernel")
    for kernel, stride in product(range(2, 9), range(1, 5)):
        stamps = np.zeros(120, int)
        for start in range(0, 100, stride):
            stamps[start : start + kernel] += 1
        inner = stamps[20:80]
        if kernel >= stride:
            require(
                bool(answer(kernel, stride)) == bool(np.all(inner == inner[0])),
                f"count the stamps over a pixel for kernel {kernel} and stride {stride}",
            )


def frechet(answer):
    """The Frechet distance on a line."""
    require(abs(answer(1.0, 2.0, 1.0, 2.0)) < 1e-9, "of a distribution to itself it is 0")
    require(abs(answer(0.0, 1.0, 3.0, 1.0) - 9.0) < 1e-9, "means count with their squared distance")
    rng = np.random.default_rng(17)
    for m1, m2 in rng.normal(size=(20, 2)):
        s1, s2 = rng.uniform(0.1, 3, size=2)
        right = (m1 - m2) ** 2 + (s1 - s2) ** 2
        require(
            abs(answer(m1, s1, m2, s2) - right) < 1e-9,
            "the trace is s1^2 + s2^2 - 2 s1 s2, which is a square: of what?",
        )


EXERCISES = (enlarged, even, frechet)
