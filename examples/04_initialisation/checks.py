"""Checks of the exercises of lesson 4."""

import math

from tinygrad_edu.lessons import require


def he_std(answer):
    """The size of weights for relu."""
    for inputs in (1, 50, 784):
        got = answer(inputs)
        require(abs(got - 2 / inputs) > 1e-9 or inputs == 2, "this is the variance, std squared")
        require(
            abs(got - math.sqrt(1 / inputs)) > 1e-9,
            "this keeps the size without a bend; relu throws half of it away",
        )
        require(abs(got - math.sqrt(2 / inputs)) < 1e-9, "see He's rule: sigma squared = 2/n")


def uniform_limit(answer):
    """The limits of a uniform start."""
    for std in (0.5, 0.1, 2.0):
        got = answer(std)
        require(abs(got - std / math.sqrt(3)) > 1e-9, "this is smaller than std; turn it round")
        require(abs(got - 3 * std) > 1e-9, "3 or its root? The variance is a * a / 3")
        require(abs(got - math.sqrt(3) * std) < 1e-9, "solve std = a / sqrt(3) for a")


def size_after(answer):
    """The size of a signal after many layers."""
    for std, width, layers in ((0.01, 100, 20), (0.1, 100, 7), (0.2, 64, 3), (0.5, 9, 1)):
        got, right = answer(std, width, layers), (std * math.sqrt(width)) ** layers

        def near(other, got=got):
            return math.isclose(got, other, rel_tol=1e-9)

        if not near(right):
            require(not near((std * width) ** layers), "pluses and minuses partly cancel in a sum")
            require(not near(std**layers), "a neuron adds many products: how many?")
            require(not near(std * math.sqrt(width) * layers), "each layer multiplies once more")
            require(not near(std * math.sqrt(width)), "this is the size after one layer")
            require(False, "each layer multiplies by the factor of the first section")


EXERCISES = (he_std, uniform_limit, size_after)
