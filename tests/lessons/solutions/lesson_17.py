"""Answers to the exercises of lesson 17, right and wrong."""


def enlarged(side, kernel, stride, padding):
    return (side - 1) * stride - 2 * padding + kernel


def even(kernel, stride):
    return kernel % stride == 0


def frechet(m1, s1, m2, s2):
    return (m1 - m2) ** 2 + (s1 - s2) ** 2


SOLUTIONS = (enlarged, even, frechet)

WRONG = (
    (
        (lambda side, k, stride, p: side * stride, "as large as the kernel"),
        (lambda side, k, stride, p: (side + 2 * p - k) // stride + 1, "double the side"),
        (lambda side, k, stride, p: side * stride + max(k - stride - 2 * p, 0), "both ends"),
    ),
    (
        (lambda kernel, stride: kernel % 2 == 0, "stride 1"),
        (lambda kernel, stride: stride % kernel == 0, "two stamps"),
        (lambda kernel, stride: stride == 1 or kernel % 2 == 0, "count the stamps"),
    ),
    (
        (lambda m1, s1, m2, s2: (m1 - m2) ** 2 + abs(s1**2 - s2**2), "square"),
        (lambda m1, s1, m2, s2: abs(m1 - m2) + abs(s1 - s2), "squared distance"),
    ),
)  # fmt: skip
