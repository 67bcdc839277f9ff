"""Plots: their numbers are right, their files whole, and nothing global is touched."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import tinygrad_edu as tg
from tinygrad_edu import metrics, nn, plots, training
from tinygrad_edu.errors import ArgumentError, GradientError, MissingDependency, ShapeError

pytestmark = pytest.mark.once
RNG = np.random.default_rng(5)
TRUTH = RNG.integers(0, 2, 60)
SCORES = 1 / (1 + np.exp(-(TRUTH + RNG.normal(size=60)).round(1)))
IMAGES = RNG.random((6, 5, 4))


def network(sizes: tuple[int, ...] = (2, 4, 2)) -> Any:
    return nn.MLP(sizes, dtype=np.float64, rng=1)


def with_gradients() -> Any:
    model = network()
    model(RNG.normal(size=(3, 2))).sum().backward()
    return model


def of_network(ax: Any) -> plots.Plot:
    data = (RNG.normal(size=(8, 2)), RNG.integers(0, 2, 8))
    return plots.loss_landscape(
        network(), data, nn.functional.cross_entropy, points=4, rng=0, ax=ax
    )


def searched(method: Any = training.search.random, **options: Any) -> training.search.Result:
    def objective(settings: Any, budget: float, rng: Any) -> float:
        return float("nan") if settings["k"] == 3 else settings["x"] + settings["k"]

    space = {
        "x": training.search.log_uniform(1e-3, 1.0), "k": training.search.integer(1, 3),
        "word": training.search.choice("one", (64, 64), np.tanh),
    }  # fmt: skip
    return method(objective, space, progress=False, rng=0, **options)


def rates_tested(ax: Any) -> plots.Plot:
    model, x = nn.Linear(1, 1, rng=0), np.linspace(-1, 1, 64)[:, None]
    optimizer = nn.optim.SGD(model)
    return training.lr_find(model, (x, 2 * x), nn.MSELoss(), optimizer, rng=0).plot(ax=ax)


KINDS: dict[str, Callable[[Any], plots.Plot]] = {
    "roc": lambda ax: plots.roc(TRUTH, SCORES, ax=ax),
    "precision_recall": lambda ax: plots.precision_recall(TRUTH, SCORES, ax=ax),
    "gain": lambda ax: plots.gain(TRUTH, SCORES, ax=ax),
    "lift": lambda ax: plots.lift(TRUTH, SCORES, ax=ax),
    "ks": lambda ax: plots.ks(TRUTH, SCORES, ax=ax),
    "calibration": lambda ax: plots.calibration(TRUTH, SCORES, ax=ax),
    "confusion": lambda ax: plots.confusion(TRUTH, SCORES > 0.5, ax=ax),
    "decision_boundary": lambda ax: plots.decision_boundary(
        network(), RNG.normal(size=(20, 2)), TRUTH[:20], points=20, ax=ax
    ),
    "history": lambda ax: plots.history(
        [{"epoch": 1, "loss": 2.0, "val_loss": 3.0}, {"epoch": 2, "loss": 0.05, "val_loss": 1.0}],
        ax=ax,
    ),
    "weights": lambda ax: plots.weights(network(), ax=ax),
    "gradients": lambda ax: plots.gradients(with_gradients(), ax=ax),
    "activations": lambda ax: plots.activations(points=21, ax=ax),
    "regularisation_balls": lambda ax: plots.regularisation_balls(ax=ax),
    "lines": lambda ax: plots.lines([1, 2, 4], {"up": [1, 2, 3], "down": [3, 2, 1]}, ax=ax),
    "loss_landscape": of_network,
    "rates": rates_tested,
    "scores": lambda ax: training.Scores(
        [{"n": n, "train_loss": 1 / n, "test_loss": 2 / n} for n in (2, 9, 70)]
    ).plot(ax=ax),
    "search": lambda ax: searched().plot(ax=ax),
    "searched_values": lambda ax: searched(training.search.grid, points=3).plot(
        against=searched(), ax=ax
    ),
    "surface": lambda ax: plots.surface(
        lambda a, b: a * a + b, points=9, paths={"SGD": [[0, 0], [1, 1]]}, ax=ax
    ),
    "images": lambda ax: plots.images(IMAGES, ax=ax),
    "batch": lambda ax: plots.batch(IMAGES, np.arange(6), ax=ax),
    "top_losses": lambda ax: plots.top_losses(IMAGES, TRUTH[:6], RNG.normal(size=(6, 2)), ax=ax),
}


def test_every_plot_of_the_room_is_tried() -> None:  # what moves is in test_animation.py
    made = {name for name in plots.__all__ if name not in (
        "Animation", "Plot", "animated_history", "filter_normalised", "network_shades",
        "trajectory_directions",
    )}  # fmt: skip
    assert made == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_a_plot_is_saved_whole(name: str, tmp_path: Path) -> None:
    plot = KINDS[name](None)
    place = plot.save(tmp_path / f"{name}.pdf", dpi=40)
    assert place.read_bytes().startswith(b"%PDF-")
    assert place.stat().st_size > 1000
    assert plot.arrays
    assert all(isinstance(array, np.ndarray) for array in plot.arrays.values())
    assert all(name in repr(plot) for name in plot.arrays)


@pytest.mark.parametrize(
    "format, start", [("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-"), ("svg", b"<?xml")]
)
def test_equal_plots_give_equal_bytes(format: str, start: bytes, tmp_path: Path) -> None:
    first, second = (plots.roc(TRUTH, SCORES) for _ in range(2))
    place = first.save(tmp_path / f"roc.{format}", dpi=60)
    assert place.read_bytes().startswith(start)
    assert place.read_bytes() == second.render(format, dpi=60)


@pytest.mark.parametrize("name", KINDS)
def test_a_plot_goes_where_it_is_told(name: str) -> None:
    figure = Figure(figsize=(4, 4))
    mine, other = figure.subplots(1, 2)
    plot = KINDS[name](mine)
    assert plot.figure is figure
    assert not other.has_data()
    drawn = mine.has_data() or mine.child_axes
    assert drawn


def test_no_global_state_of_matplotlib_is_touched() -> None:
    code = (  # which does not ask for the backend, since that loads pyplot
        "import sys; from tinygrad_edu import plots; "
        # To ask for the backend would load pyplot.
        "from matplotlib import rcParams; names = [n for n in rcParams if n != 'backend']; "
        "before = [rcParams[n] for n in names]; "
        "plots.roc([0, 1], [0.1, 0.9]).render('svg'); "
        "assert [rcParams[n] for n in names] == before; "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_without_matplotlib_the_install_line_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    for make in (lambda: plots.roc(TRUTH, SCORES), lambda: plots.images(IMAGES)):
        with pytest.raises(MissingDependency, match=r'pip install "tinygrad_edu\[plots\]"'):
            make()


def test_curves_hold_what_metrics_compute() -> None:
    found = plots.roc(TRUTH, SCORES).arrays
    fpr, tpr, _ = metrics.roc_curve(TRUTH, SCORES)
    assert np.array_equal(found["false_positive_rate"], fpr)
    assert np.array_equal(found["true_positive_rate"], tpr)
    pairs = [(a > b) + 0.5 * (a == b) for a in SCORES[TRUTH == 1] for b in SCORES[TRUTH == 0]]
    assert float(found["auc"]) == pytest.approx(np.mean(pairs))
    apart = max(
        abs((SCORES[TRUTH == 0] <= t).mean() - (SCORES[TRUTH == 1] <= t).mean()) for t in SCORES
    )
    assert float(plots.ks(TRUTH, SCORES).arrays["statistic"]) == pytest.approx(apart)
    gain, lift = (make(TRUTH, SCORES).arrays for make in (plots.gain, plots.lift))
    np.testing.assert_allclose(gain["gain"][1:] / gain["depth"][1:], lift["lift"])


def test_slopes_are_those_of_differences() -> None:
    found = plots.activations(["gelu", "tanh", nn.Softplus()], points=41).arrays
    x = found["x"]
    for name in ("gelu", "tanh", "Softplus"):
        numeric = np.gradient(found[name], x)
        np.testing.assert_allclose(found[f"{name} derivative"][1:-1], numeric[1:-1], atol=0.02)


def test_a_ball_of_l1_gives_a_zero_and_one_of_l2_does_not() -> None:
    found = plots.regularisation_balls().arrays
    assert found["L1"][1] == 0.0
    assert found["L2"].min() > 0.05
    for name, p in (("L1", 1), ("L2", 2)):
        assert (np.abs(found[name]) ** p).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("trajectory", [False, True])
def test_a_landscape_is_the_loss_and_leaves_the_model_as_it_was(trajectory: bool) -> None:
    model, loss = network(), nn.functional.cross_entropy
    x, y = RNG.normal(size=(8, 2)), RNG.integers(0, 2, 8)
    before = {name: p.data.copy() for name, p in model.named_parameters()}
    states = [
        {name: value + RNG.normal(size=value.shape) for name, value in before.items()}
        for _ in range(4)
    ]
    plot = plots.loss_landscape(
        model, (x, y), loss, points=5, trajectory=states if trajectory else None, rng=3
    )
    assert all(np.array_equal(p.data, before[name]) for name, p in model.named_parameters())
    here = loss(model(x), y).item()
    assert plot.arrays["loss"][2, 2] == pytest.approx(here)
    np.testing.assert_allclose(plot.arrays["path"][-1], 0, atol=1e-12)
    if not trajectory:
        return
    first, second, shares = plots.trajectory_directions([*states, before])
    for vector in (first, second):
        assert sum((part**2).sum() for part in vector.values()) == pytest.approx(1)
    assert shares[0] >= shares[1] > 0
    away = states[1]
    expected = [
        sum(((away[n] - before[n]) * vector[n]).sum() for n in before)
        for vector in (first, second)
    ]  # fmt: skip
    np.testing.assert_allclose(plot.arrays["path"][1], expected)
    a, b = plot.arrays["alpha"][3], plot.arrays["beta"][0]
    model.load_state_dict({n: before[n] + a * first[n] + b * second[n] for n in before})
    assert plot.arrays["loss"][0, 3] == pytest.approx(loss(model(x), y).item())


def test_several_ways_lie_in_one_plane_by_their_names() -> None:
    model, loss = network(), nn.functional.cross_entropy
    home = {name: p.data.copy() for name, p in model.named_parameters()}
    ways = {
        way: [{n: v + RNG.normal(size=v.shape) for n, v in home.items()} for _ in range(3)]
        for way in ("SGD", "Adam")
    }
    data = (RNG.normal(size=(8, 2)), RNG.integers(0, 2, 8))
    arrays = plots.loss_landscape(model, data, loss, points=3, trajectory=ways).arrays
    first, second, _ = plots.trajectory_directions([*ways["SGD"], *ways["Adam"], home])
    for name, way in ways.items():
        expected = [
            [sum(((state[n] - home[n]) * d[n]).sum() for n in home) for d in (first, second)]
            for state in way
        ]
        np.testing.assert_allclose(arrays[name], expected)
        assert (np.abs(arrays[name]).max(axis=0) < [arrays["alpha"][-1], arrays["beta"][-1]]).all()
    assert arrays["loss"][1, 1] == pytest.approx(loss(model(data[0]), data[1]).item())


def test_filters_of_a_direction_get_the_lengths_of_the_weights() -> None:
    own = {"w": RNG.normal(size=(3, 2, 2)), "b": RNG.normal(size=3)}
    found = plots.filter_normalised({k: RNG.normal(size=v.shape) for k, v in own.items()}, own)
    lengths = [np.linalg.norm(found["w"][k]) for k in range(3)]
    np.testing.assert_allclose(lengths, [np.linalg.norm(own["w"][k]) for k in range(3)])
    assert not found["b"].any()


def test_a_boundary_is_what_the_model_says() -> None:
    x = RNG.normal(size=(20, 2))
    plot = plots.decision_boundary(lambda z: (z[:, 0] > z[:, 1]).astype(int), x, TRUTH[:20])
    across, up = np.meshgrid(plot.arrays["x"], plot.arrays["y"])
    assert np.array_equal(plot.arrays["classes"], (across > up).astype(int))


def test_top_losses_are_the_largest_and_fall() -> None:
    scores = RNG.normal(size=(6, 3))
    truth = RNG.integers(0, 3, 6)
    found = plots.top_losses(IMAGES, truth, scores, most=4).arrays
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    losses = -np.log(shares[np.arange(6), truth])
    np.testing.assert_allclose(found["losses"], np.sort(losses)[::-1][:4])
    assert np.array_equal(found["images"], IMAGES[found["indices"]])


@pytest.mark.parametrize(
    "shape, drawn",
    [
        ((2, 9), (2, 3, 3)),
        ((2, 4, 5), (2, 4, 5)),
        ((2, 1, 4, 5), (2, 4, 5)),
        ((2, 3, 4, 5), (2, 4, 5, 3)),
        ((2, 4, 5, 3), (2, 4, 5, 3)),
    ],
)
def test_images_are_taken_in_every_layout(shape: tuple[int, ...], drawn: tuple[int, ...]) -> None:
    assert plots.images(RNG.random(shape)).arrays["images"].shape == drawn


def test_histograms_count_every_weight() -> None:
    model = network()
    found = plots.weights(model).arrays
    for name, parameter in model.named_parameters():
        assert found[name].sum() == parameter.size


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ArgumentError, match="no column accuracy"):
        plots.history([{"epoch": 1, "loss": 1.0}], ["accuracy"])
    with pytest.raises(GradientError, match="no parameter of the model has a gradient"):
        plots.gradients(network())
    with pytest.raises(ShapeError, match="no stack of images"):
        plots.images(np.zeros((2, 3)))
    with pytest.raises(ShapeError, match="a plane has two features"):
        plots.decision_boundary(network(), np.zeros((3, 4)), [0, 1, 0])
    with pytest.raises(ShapeError, match=r"not \(steps, 2\)"):
        plots.surface(lambda a, b: a + b, points=3, paths={"SGD": [1, 2]})
    with pytest.raises(ArgumentError, match="no function is called"):
        plots.activations(["relo"])
    with pytest.raises(ArgumentError, match="cannot be written as 'gif'"):
        plots.images(IMAGES).save("images.gif")
    with pytest.raises(ArgumentError, match="is no axes"):
        plots.roc(TRUTH, SCORES, ax=tg)
    with pytest.raises(ArgumentError, match="spans no plane"):
        plots.trajectory_directions([{}, {}])


@pytest.mark.parametrize(
    "given, said", [((IMAGES, TRUTH[:6]), "two arguments"), ([[1, 2], [3]], "one shape")]
)
def test_what_is_no_stack_of_images_is_refused_in_words(given: Any, said: str) -> None:
    with pytest.raises(ShapeError, match="images are one array of numbers"):
        plots.images([*given, given[0]] if said == "one shape" else given)


def test_scores_to_be_large_are_not_drawn_in_decades() -> None:
    def objective(settings: dict[str, float], *_: object) -> float:
        return 10.0 ** settings["x"]

    space = {"x": training.search.uniform(-3, 0)}
    for maximize, scale in ((True, "linear"), (False, "log")):
        found = training.search.random(
            objective, space, trials=9, maximize=maximize, progress=False, rng=0
        )
        assert plots.search(found).ax[0].get_yscale() == scale
