"""Solutions of lesson 4, and answers that are wrong in typical ways."""

import math


def he_std(inputs):
    return math.sqrt(2 / inputs)


def uniform_limit(std):
    return math.sqrt(3) * std


def size_after(std, width, layers):
    return (std**2 * width) ** (layers / 2)


SOLUTIONS = (he_std, uniform_limit, size_after)
WRONG = (
    (
        (lambda inputs: 2 / inputs, "variance"),
        (lambda inputs: math.sqrt(1 / inputs), "throws half"),
    ),
    (
        (lambda std: std / math.sqrt(3), "turn it round"),
        (lambda std: 3 * std, "3 or its root"),
    ),
    (
        (lambda std, width, layers: (std * width) ** layers, "cancel"),
        (lambda std, width, layers: std**layers, "many products"),
        (lambda std, width, layers: layers * std * math.sqrt(width), "multiplies once more"),
    ),
)
