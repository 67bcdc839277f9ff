"""One neuron: its value, its tape, its gradients, and the picture of its graph.

Run ``python examples/neuron.py``; ``neuron.svg``, the picture of the README, appears beside this
file. No other program is needed.
"""

from pathlib import Path

import numpy as np

import tinygrad_edu as tg

w = tg.Parameter([0.8, -0.4], name="w")
b = tg.Parameter(0.1, name="b")
x = tg.Tensor([1.0, 2.0], name="x")
target = tg.Tensor(0.5, name="target")

with tg.Tape() as tape:
    a = tg.tanh((w * x).sum() + b)
    loss = (a - target) ** 2
gradients = tape.gradient(loss, {"w": w, "b": b})
print(tape)

# The chain rule by hand: dL/dw = dL/da * da/dz * dz/dw.
by_hand = 2 * (a.data - 0.5) * (1 - a.data**2)
assert np.allclose(gradients["b"].data, by_hand)
assert np.allclose(gradients["w"].data, by_hand * x.data)
print("dL/dw", gradients["w"], " dL/db", gradients["b"])

tg.draw(loss, direction="right").save(Path(__file__).with_suffix(".svg"))
