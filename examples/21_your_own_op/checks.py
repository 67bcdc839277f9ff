"""Checks of the exercises of lesson 21."""

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.lessons import require


def bump(answer):
    """An operation."""
    x = np.array([0.0, 1.0, -2.0])
    require(np.allclose(answer(x), [1.0, 0.5, 0.2]), "at 0 the bump is 1, at 1 it is 1/2")
    t = tg.Tensor(x, requires_grad=True)
    require(
        isinstance(answer(t), tg.Tensor) and answer(t).requires_grad,
        "of a Tensor it must give a Tensor that can be differentiated: decorate it with "
        "@tg.operation(rule=..., domain=...)",
    )
    with tg.Tape() as tape:
        answer(t)
    require(
        len(tape) == 1 and "bump" in str(tape),
        "it is made of several operations; to be one, with one row in the tape and a rule of its "
        "own, decorate it",
    )
    found = tg.grad(lambda t: answer(t).sum())(x)
    require(
        np.sign(found[1]) == -1,
        "right of 0 the bump falls: the gradient is negative there",
    )
    require(abs(found[2] - 0.16) < 1e-9, "the slope of 1/u is -1/u**2, times the slope of u")
    report = tg.testing.check_op(answer, raises=False)
    first = str(report).split("\n")
    require(report.verdict == "pass", f"check_op says: {' '.join(first[:2])}")


def Affine(answer):  # noqa: N802 - as the student calls it
    """A layer."""
    layer = answer(3)
    names = {name: p.shape for name, p in layer.named_parameters()}
    require(
        set(names) == {"weight", "bias"},
        f"an optimizer finds {sorted(names) or 'nothing'} to train: it looks for nn.Parameter in "
        "the attributes weight and bias",
    )
    require(
        all(shape == (3,) for shape in names.values()),
        "one weight and one bias for each feature, shape (3,)",
    )
    x = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])
    require(np.allclose(layer(x).data, x), "with ones and zeros a new layer changes nothing")
    layer.weight.data = np.array([2.0, 3.0, -1.0])
    layer.bias.data = np.array([1.0, 0.0, 5.0])
    require(
        np.allclose(layer(x).data, [[3, 6, 2], [1, -3, 1]]),
        "each feature by its own weight, plus its own bias: no sum over features",
    )
    layer(x).sum().backward()
    require(
        layer.weight.grad is not None and layer.bias.grad is not None,
        "the parameters get no gradient: with .data or numpy the way back is cut off",
    )
    report = tg.testing.check_gradients(layer, x, raises=False)
    require(report.verdict == "pass", f"the checker says: {report.diagnosis or report.verdict}")


def rms_update(answer):
    """An update."""
    theta, g = np.array([1.0, -2.0]), np.array([0.5, 4.0])
    given = theta.copy()
    first = answer(theta, g, {}, 0.1, 0.9)
    require(
        isinstance(first, tuple) and len(first) == 2 and isinstance(first[1], dict),
        "return the new parameter and the new state, a dict",
    )
    require(np.array_equal(theta, given), "an update is pure: return a new parameter")
    step = given - np.asarray(first[0])
    require(
        np.ptp(np.abs(step)) < 1e-5,
        "at the first step both parameters move as far: g is divided by the root of g**2",
    )
    require(
        abs(step[1] - 0.1 / np.sqrt(0.1)) < 1e-5,
        "v begins at 0 and takes in (1 - beta) of the new square",
    )
    parameter = nn.Parameter(given.copy())
    ours = nn.optim.RMSprop([parameter], lr=0.1, alpha=0.9, eps=1e-8)
    now, state = given, {}
    for _ in range(4):
        gradient = 3 * now
        now, state = answer(now, gradient, state, 0.1, 0.9)
        parameter.grad = gradient
        ours.step()
        require(
            np.allclose(now, parameter.data, rtol=1e-6),
            "later steps are wrong: v of the step before has to come back in the state",
        )


EXERCISES = (bump, Affine, rms_update)
