"""Linear algebra: NumPy's values, exact derivatives at singular points, errors that help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors, linalg
from tinygrad_edu.testing import check_gradients

pytestmark = pytest.mark.once  # numbers that no version of Python changes

INF = np.inf


def matrix(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def gradient(f: Callable[..., Any], x: Any) -> Any:
    return tg.grad(lambda a: f(a).sum())(np.asarray(x, float))


# ---------------------------------------------------------------- NumPy's values


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3), (0, 2, 2), (0, 0)])
@pytest.mark.parametrize(
    "name", ["inv", "det", "slogdet", "eigvalsh", "eigh", "cholesky", "svd", "qr", "svdvals"]
)
def test_square_matrices_have_numpys_value_bit_for_bit(name: str, shape: tuple[int, ...]) -> None:
    x = matrix(*shape)
    x = x @ x.mT + np.eye(shape[-1]) if name in ("cholesky", "eigh", "eigvalsh") else x
    ours, theirs = getattr(linalg, name)(x), getattr(np.linalg, name)(x)
    for found, expected in zip(
        *[r if isinstance(r, tuple) else (r,) for r in (ours, theirs)], strict=True
    ):
        np.testing.assert_array_equal(found, expected)
        assert np.shape(found) == np.shape(expected)


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (2, 4, 2), (2, 2, 4), (3, 3), (0, 3), (3, 0)])
def test_factors_of_tall_and_wide_matrices_multiply_to_the_matrix(shape: tuple[int, ...]) -> None:
    x = matrix(*shape)
    m, n = shape[-2:]
    for mode, full in (("reduced", False), ("complete", True)):
        q, r = linalg.qr(x, mode=mode)
        assert (q.shape, r.shape) == tuple(part.shape for part in np.linalg.qr(x, mode=mode))
        np.testing.assert_allclose(q @ r, x, atol=1e-14)
        u, s, vh = linalg.svd(x, full_matrices=full)
        theirs = np.linalg.svd(x, full_matrices=full)
        assert [part.shape for part in (u, s, vh)] == [part.shape for part in theirs]
        k = min(m, n)
        np.testing.assert_allclose((u[..., :k] * s[..., None, :]) @ vh[..., :k, :], x, atol=1e-14)
        for square in (q, u, vh) if full else ():
            np.testing.assert_allclose(square @ square.mT, np.eye(len(square.T)) + 0 * square,
                                       atol=1e-14)  # fmt: skip
    np.testing.assert_allclose(linalg.pinv(x), np.linalg.pinv(x) if x.size else x.mT, atol=1e-14)


@pytest.mark.parametrize("power", [-3, -1, 0, 1, 2, 5, 8, np.int64(3)])
def test_matrix_power_is_numpys_and_exact(power: int) -> None:
    x = matrix(2, 2)
    found = linalg.matrix_power(x, power)
    np.testing.assert_allclose(found, np.linalg.matrix_power(x, power), rtol=1e-12)
    check_gradients(lambda a: linalg.matrix_power(a, power), x, order=1)


def test_the_power_0_of_a_matrix_that_is_not_finite_is_the_identity() -> None:
    np.testing.assert_array_equal(linalg.matrix_power([[INF, 0.0], [0.0, 1.0]], 0), np.eye(2))


def test_multi_dot_takes_vectors_at_its_ends_and_the_cheapest_order() -> None:
    chain = [matrix(4), matrix(4, 1), matrix(1, 5), matrix(5)]
    np.testing.assert_allclose(linalg.multi_dot(chain), np.linalg.multi_dot(chain), rtol=1e-13)
    check_gradients(lambda *xs: linalg.multi_dot(xs), *chain, order=1)
    with tg.Tape() as tape:
        parts = [tg.Tensor(np.ones(s), requires_grad=True) for s in ((50, 1), (1, 50), (50, 1))]
        linalg.multi_dot(parts)
    assert [row.shape for row in tape] == [(1, 1), (50, 1)]


@pytest.mark.parametrize("shapes", [((4, 2), (4,)), ((4, 2), (4, 3)), ((2, 4), (2,)),
                                    ((3, 3), (3, 2))])  # fmt: skip
def test_lstsq_is_numpys_and_exact(shapes: Any) -> None:
    a, b = matrix(*shapes[0]), matrix(*shapes[1], seed=1)
    for found, expected in zip(linalg.lstsq(a, b), np.linalg.lstsq(a, b), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-13)
        assert np.shape(found) == np.shape(expected)
    check_gradients(lambda a, b: linalg.lstsq(a, b).solution, a, b)


def test_lstsq_of_a_stack_solves_every_system() -> None:
    a, b = matrix(2, 4, 2), matrix(2, 4, 1, seed=1)
    found = linalg.lstsq(a, b)
    for k in range(2):
        expected = np.linalg.lstsq(a[k], b[k])
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours[k], theirs, atol=1e-13)


@pytest.mark.parametrize("ord", [2, 1, 0, INF, -INF, -1, 3, 0.5, 2.5, -2])
@pytest.mark.parametrize("axis, keepdims", [(None, False), (0, True), ((1, 2), False), (-1, False)])
def test_vector_norm_is_numpys_and_exact(ord: float, axis: Any, keepdims: bool) -> None:
    x = matrix(2, 2, 3)
    found = linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)
    expected = np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    assert found.shape == expected.shape
    check_gradients(lambda a: linalg.vector_norm(a, axis=axis, ord=ord), x, order=1)


@pytest.mark.parametrize("ord", ["fro", "nuc", 1, -1, 2, -2, INF, -INF])
def test_matrix_norm_is_numpys_and_exact(ord: Any) -> None:
    x = matrix(2, 2, 3)
    for keepdims in (False, True):
        found = linalg.matrix_norm(x, keepdims=keepdims, ord=ord)
        expected = np.linalg.matrix_norm(x, keepdims=keepdims, ord=ord)
        np.testing.assert_allclose(found, expected, rtol=1e-13)
        assert found.shape == expected.shape
    check_gradients(lambda a: linalg.matrix_norm(a, ord=ord), x)


@pytest.mark.parametrize(
    "settings",
    [{}, {"ord": 1}, {"ord": 2}, {"ord": "nuc"}, {"axis": 0}, {"ord": 3, "axis": 1},
     {"axis": (1, 0)}, {"ord": INF, "axis": (1, 0)}, {"ord": 1, "keepdims": True},
     {"keepdims": True}],
)  # fmt: skip
def test_norm_chooses_between_vectors_and_matrices_as_numpy_does(settings: Any) -> None:
    x = matrix(2, 3)
    found, expected = linalg.norm(x, **settings), np.linalg.norm(x, **settings)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    assert found.shape == np.shape(expected)


@pytest.mark.parametrize("p", [None, 2, -2, 1, -1, INF, "fro", "nuc"])
def test_cond_is_numpys_and_exact(p: Any) -> None:
    x = matrix(2, 3, 3)
    np.testing.assert_allclose(linalg.cond(x, p), np.linalg.cond(x, p), rtol=1e-12)
    check_gradients(lambda a: linalg.cond(a, p), x[0], order=1)
    assert linalg.cond(np.zeros((2, 2)) + 1.0) > 1e15


def test_names_of_the_array_api_are_of_the_last_two_axes() -> None:
    x = matrix(2, 3, 3)
    np.testing.assert_array_equal(linalg.diagonal(x, offset=1), np.linalg.diagonal(x, offset=1))
    np.testing.assert_array_equal(linalg.trace(x), np.linalg.trace(x))
    np.testing.assert_array_equal(linalg.matrix_transpose(x), x.mT)
    np.testing.assert_array_equal(linalg.outer(x[0, 0], x[0, 1]), np.outer(x[0, 0], x[0, 1]))
    assert linalg.trace(np.ones((2, 2), np.float32), dtype=np.float64).dtype == np.float64
    for name in ("matmul", "tensordot", "vecdot", "cross", "matrix_transpose"):
        assert getattr(linalg, name) is getattr(tg, name)


# ---------------------------------------------------------------- where derivatives are delicate


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_every_derivative_of_a_determinant_is_exact_whatever_the_rank(rank: int) -> None:
    x = matrix(3, rank) @ matrix(rank, 3, seed=1)
    check_gradients(linalg.det, x)
    third = tg.grad(tg.grad(tg.grad(lambda t: linalg.det(x + t * np.eye(3)))))
    assert third(0.0) == pytest.approx(6.0)  # t^3 has the coefficient 1


def test_the_gradient_of_the_determinant_of_a_large_singular_matrix_is_finite_and_right() -> None:
    x = matrix(30, 30)
    x[0] = x[1]
    u, s, vh = np.linalg.svd(x)
    expected = np.linalg.det(u) * np.linalg.det(vh) * s[:-1].prod() * np.outer(u[:, -1], vh[-1])
    np.testing.assert_allclose(gradient(linalg.det, x), expected, atol=1e-11 * abs(expected).max())


def test_the_gradient_of_eigenvalues_is_exact_where_they_coincide() -> None:
    x = np.eye(3)
    np.testing.assert_allclose(gradient(linalg.eigvalsh, x), x, atol=1e-15)
    np.testing.assert_allclose(gradient(lambda a: linalg.eigh(a).eigenvalues, x), x, atol=1e-15)
    np.testing.assert_allclose(gradient(linalg.svdvals, x), x, atol=1e-15)
    np.testing.assert_allclose(gradient(lambda a: linalg.svd(a).S, x), x, atol=1e-15)
    np.testing.assert_allclose(gradient(lambda a: linalg.matrix_norm(a, ord="nuc"), x), x)
    np.testing.assert_allclose(gradient(lambda a: linalg.matrix_norm(a, ord=2), x), x / 3)


@pytest.mark.parametrize(
    "f, x, instead",
    [
        (lambda a: linalg.eigh(a).eigenvectors, np.eye(2), "eigvalsh"),
        (lambda a: linalg.svd(a).U, np.eye(2), "svdvals"),
        (lambda a: linalg.svd(a).Vh, np.zeros((2, 2)), "svdvals"),
        (lambda a: linalg.svd(a, full_matrices=False).U, np.zeros((3, 1)), "svdvals"),
        (lambda a: linalg.qr(a).Q, [[1.0, 2.0], [2.0, 4.0]], "pinv"),
        (lambda a: linalg.qr(a, mode="complete").Q, matrix(3, 1), "reduced"),
        (lambda a: linalg.svd(a).Vh, matrix(1, 3), "full_matrices=False"),
    ],
)
def test_vectors_that_have_no_derivative_raise_and_say_what_has_one(
    f: Callable[..., Any], x: Any, instead: str
) -> None:
    weights = matrix(*np.shape(f(np.asarray(x))))
    with pytest.raises(errors.NotDifferentiable) as caught:
        gradient(lambda a: f(a) * weights, x)
    assert instead in str(caught.value.fix)


def test_second_derivatives_of_eigenvalues_that_coincide_raise() -> None:
    with pytest.raises(errors.NotDifferentiable):
        tg.hessian(lambda a: linalg.eigvalsh(a)[0])(np.eye(2))


@pytest.mark.parametrize("shape", [(3, 1), (4, 2), (1, 3), (2, 4)])
def test_projections_on_the_space_left_over_have_exact_gradients(shape: tuple[int, int]) -> None:
    m, n = shape
    k = min(shape)
    weights = matrix(max(shape), max(shape), seed=1)

    def of_svd(a: Any) -> Any:
        u, _, vh = linalg.svd(a)
        added = u[:, k:] if m > n else vh[k:].mT
        return ((added @ added.mT) * weights).sum()

    def of_qr(a: Any) -> Any:
        added = linalg.qr(a if m > n else a.mT, mode="complete").Q[:, k:]
        return ((added @ added.mT) * weights).sum()

    x = matrix(*shape)
    for f in (of_svd, of_qr):
        check_gradients(f, x)


def test_functions_of_a_symmetric_matrix_have_symmetric_gradients() -> None:
    x = matrix(3, 3) + 4 * np.eye(3)
    for f in (linalg.eigvalsh, linalg.cholesky, lambda a: linalg.eigh(a).eigenvectors ** 2):
        d = gradient(lambda a, f=f: f(a) * matrix(*np.shape(f(x))), x)
        np.testing.assert_allclose(d, d.T, atol=1e-13)


@pytest.mark.parametrize("ord", [2, 1, 0.5, 3, 1.5, -1, INF, "fro", "nuc"])
def test_the_gradient_of_every_norm_at_0_is_0(ord: Any) -> None:
    f = linalg.matrix_norm if isinstance(ord, str) else linalg.vector_norm
    d = gradient(lambda a: f(a, ord=ord), np.zeros((2, 2)))
    np.testing.assert_array_equal(d, np.zeros((2, 2)))


@pytest.mark.parametrize(
    "x, ord, expected",
    [
        ([0.0, 4.0], 0.5, [0.0, 1.0]),
        ([0.0, -4.0], -1, [0.0, 0.0]),
        ([0.0, 4.0], 1, [0.0, 1.0]),
        ([3.0, -3.0, 1.0], INF, [0.5, -0.5, 0.0]),
        ([3.0, 1.0, -1.0], -INF, [0.0, 0.5, -0.5]),
    ],
)
def test_norms_share_ties_and_give_nothing_to_zeros(x: Any, ord: float, expected: Any) -> None:
    found = gradient(lambda a: linalg.vector_norm(a, ord=ord), x)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("size", [1e200, 1e-200, 5e-324 * 2**40])
def test_norms_neither_overflow_nor_vanish(size: float) -> None:
    x = np.array([3.0, 4.0]) * size
    assert linalg.vector_norm(x) == 5.0 * size
    np.testing.assert_allclose(gradient(linalg.vector_norm, x), [0.6, 0.8], rtol=1e-12)
    np.testing.assert_allclose(linalg.vector_norm(x, ord=3), 91.0 ** (1 / 3) * size, rtol=1e-10)


def test_pinv_of_a_matrix_of_lower_rank_has_the_gradient_among_matrices_of_that_rank() -> None:
    u, v = matrix(3, 1), matrix(1, 2, seed=1)
    weights = matrix(2, 3, seed=2)
    f = lambda u, v: (linalg.pinv(u @ v) * weights).sum()  # noqa: E731
    check_gradients(f, u, v)


def test_pinv_and_rank_count_small_singular_values_as_0_where_told() -> None:
    x = np.diag([1.0, 1e-4])
    assert linalg.pinv(x, rtol=1e-3)[1, 1] == 0.0
    assert linalg.pinv(x)[1, 1] == pytest.approx(1e4)
    assert (linalg.matrix_rank(x, rtol=1e-3), linalg.matrix_rank(x)) == (1, 2)
    np.testing.assert_array_equal(linalg.matrix_rank(np.stack([x, x]), rtol=[1e-3, 0]), [1, 2])


# ---------------------------------------------------------------- types and errors


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int64, bool])
@pytest.mark.parametrize("name", ["inv", "det", "eigvalsh", "svdvals", "pinv", "vector_norm"])
def test_types_of_numbers_are_kept_and_whole_numbers_become_floats(name: str, kind: Any) -> None:
    x = np.array([[2, 0], [0, 1]]).astype(kind)
    expected = kind if np.dtype(kind).kind == "f" else np.float64
    for given in (x, tg.asarray(x)):
        assert getattr(linalg, name)(given).dtype == expected


def test_complex_matrices_have_numpys_value() -> None:
    x = matrix(2, 3, 3) + 1j * matrix(2, 3, 3, seed=1)
    hermitian = x @ x.conj().mT
    for name, given in (("slogdet", x), ("eigh", hermitian), ("svd", x), ("qr", x)):
        for found, expected in zip(
            getattr(linalg, name)(given), getattr(np.linalg, name)(given), strict=True
        ):
            np.testing.assert_allclose(found, expected, atol=1e-13)
            assert found.dtype == expected.dtype
    np.testing.assert_allclose(linalg.cholesky(hermitian, upper=True).conj().mT,
                               np.linalg.cholesky(hermitian), atol=1e-12)  # fmt: skip
    np.testing.assert_allclose(tg.vecdot(x, hermitian), np.vecdot(x, hermitian), atol=1e-12)


SINGULAR = [[1.0, 2.0], [2.0, 4.0]]


@pytest.mark.parametrize(
    "call, kind, said",
    [
        (lambda: linalg.inv(SINGULAR), errors.LinAlgError, "singular, of rank 1 with 2 rows"),
        (lambda: linalg.inv([np.eye(2), np.ones((2, 2))]), errors.LinAlgError, "(1,) of the stack"),
        (lambda: linalg.solve(SINGULAR, [1.0, 1.0]), errors.LinAlgError, "singular"),
        (lambda: linalg.solve(np.eye(2), np.ones(3)), errors.ShapeError, "2 equations"),
        (lambda: linalg.solve(np.eye(2), 1.0), errors.ShapeError, "2 equations"),
        (lambda: linalg.solve(np.ones((2, 3)), np.ones(2)), errors.ShapeError, "square"),
        (lambda: linalg.cholesky([[1.0, 2.0], [2.0, 1.0]]), errors.LinAlgError, "eigenvalue is -1"),
        (lambda: linalg.cholesky(np.eye(2), upper=3), errors.DTypeError, "upper"),  # type: ignore
        (lambda: linalg.det(np.ones((2, 3))), errors.ShapeError, "2 rows and 3 columns"),
        (lambda: linalg.eigh(np.ones(3)), errors.ShapeError, "needs a matrix, got shape (3,)"),
        (lambda: linalg.svd([[np.nan, 0.0], [0.0, 1.0]]), errors.LinAlgError, "(0, 0) is nan"),
        (lambda: linalg.eigh(np.full((3, 3), INF)), errors.LinAlgError, "(0, 0) is inf"),
        (lambda: linalg.svd(np.eye(2), full_matrices="no"), errors.ArgumentError, "full_matrices"),
        (lambda: linalg.qr(np.eye(2), mode="raw"), errors.ArgumentError, "'reduced' or"),
        (lambda: linalg.matrix_power(np.eye(2), 0.5), errors.ArgumentError, "whole number"),
        (lambda: linalg.matrix_power(np.ones((2, 3)), 2), errors.ShapeError, "square"),
        (lambda: linalg.multi_dot([np.eye(2)]), errors.ShapeError, "two matrices"),
        (lambda: linalg.multi_dot([np.eye(2), np.eye(3)]), errors.ShapeError, "inner sizes"),
        (lambda: linalg.lstsq(np.eye(2), np.ones(3)), errors.ShapeError, "2 equations"),
        (lambda: linalg.vector_norm([1.0], ord="fro"), errors.ArgumentError, "got 'fro'"),  # type: ignore
        (lambda: linalg.matrix_norm(np.eye(2), ord=3), errors.ArgumentError, "got 3"),
        (lambda: linalg.matrix_norm(np.ones(3)), errors.IndexingError, "axis"),
        (lambda: linalg.norm(np.ones((2, 2, 2)), 1), errors.ArgumentError, "vector or a matrix"),
        (lambda: linalg.cond(np.ones((2, 3)), 1), errors.ShapeError, "square"),
        (lambda: linalg.outer(np.eye(2), np.ones(2)), errors.ShapeError, "two vectors"),
        (lambda: linalg.trace(np.ones(2)), errors.ShapeError, "needs a matrix"),
    ],
)
def test_a_matrix_that_does_not_fit_is_refused_in_our_words_with_a_fix(
    call: Callable[[], Any], kind: type[errors.TinygradError], said: str
) -> None:
    with pytest.raises(errors.TinygradError) as caught:
        call()
    assert type(caught.value) is kind
    assert said in str(caught.value)
    assert caught.value.fix


X, B = tg.Tensor(SINGULAR, requires_grad=True), tg.Tensor([1.0, 2.0], requires_grad=True)
TALL, BROKEN = tg.Tensor(matrix(3, 2)), tg.Tensor([[np.nan, 0.0], [0.0, 1.0]])


@pytest.mark.parametrize(
    "call",
    [
        lambda: linalg.inv(X),
        lambda: linalg.inv(TALL),
        lambda: linalg.inv(B),
        lambda: linalg.solve(X, B),
        lambda: linalg.solve(TALL, np.ones(3)),
        lambda: linalg.solve(TALL.mT @ TALL, np.ones(3)),
        lambda: linalg.cholesky(-X),
        lambda: linalg.det(TALL),
        lambda: linalg.svd(B),
        lambda: linalg.svd(BROKEN),
        lambda: linalg.svd(X, full_matrices=1),  # type: ignore[arg-type]
        lambda: linalg.qr(X, mode="raw"),
        lambda: linalg.matrix_power(X, 0.5),  # type: ignore[call-overload]
        lambda: linalg.multi_dot([X]),
        lambda: linalg.lstsq(TALL, B),
        lambda: linalg.vector_norm(X, ord="fro"),  # type: ignore[arg-type]
        lambda: linalg.matrix_norm(X, ord=3),
        lambda: linalg.norm(tg.stack([X, X]), 1),
        lambda: linalg.outer(X, B),
        lambda: tg.einsum("ij,jk", X, TALL),
        lambda: tg.einsum("ij,j", X, TALL),
        lambda: tg.einsum("i->", X),
        lambda: tg.einsum("ii->i", TALL),
        lambda: tg.einsum("ij->k", TALL),
        lambda: tg.einsum("i,j", B),
        lambda: tg.vecdot(X, np.ones(3)),
        lambda: tg.tensordot(X, TALL, axes=1),
        lambda: tg.tensordot(X, TALL, axes=5),
        lambda: tg.cross(X, X),
    ],
)
def test_the_fix_of_every_refusal_works_when_it_is_executed(call: Callable[[], Any]) -> None:
    with pytest.raises(errors.TinygradError) as caught:
        call()
    assert caught.value.why
    space = {"X": X, "B": B, "TALL": TALL, "BROKEN": BROKEN}
    assert eval(caught.value.fix or "", {"tg": tg, "np": np, **space}) is not None


def test_the_error_of_a_singular_matrix_is_numpys_too() -> None:
    with pytest.raises(np.linalg.LinAlgError):
        linalg.inv(tg.Tensor(SINGULAR, requires_grad=True))


def test_the_gradient_of_the_logarithm_of_a_determinant_of_0_raises() -> None:
    assert linalg.slogdet(SINGULAR).logabsdet == -INF
    with pytest.raises(errors.LinAlgError):
        gradient(lambda a: linalg.slogdet(a).logabsdet, SINGULAR)


@pytest.mark.parametrize(
    "call",
    [
        np.linalg.inv, np.linalg.det, np.linalg.cholesky, np.linalg.eigvalsh, np.linalg.svdvals,
        np.linalg.pinv, np.linalg.norm, np.linalg.matrix_norm, np.linalg.vector_norm,
        np.linalg.cond, lambda m: np.linalg.solve(m, m), lambda m: np.linalg.matrix_power(m, 2),
        lambda m: np.linalg.multi_dot([m, m, m]), lambda m: np.linalg.slogdet(m).logabsdet,
        lambda m: np.linalg.svd(m, full_matrices=False).S, lambda m: np.linalg.qr(m).R,
        lambda m: np.linalg.eigh(m).eigenvalues, lambda m: np.linalg.norm(m, 1, axis=0),
        lambda m: np.linalg.lstsq(m, m, rcond=None)[0], np.linalg.trace, np.linalg.diagonal,
    ],
)  # fmt: skip
def test_numpys_linalg_records_through_ours(call: Callable[..., Any]) -> None:
    m = tg.Tensor([[2.0, 0.5], [0.5, 3.0]], requires_grad=True)
    value = call(m)
    assert value.requires_grad
    np.testing.assert_allclose(value.data, call(m.data), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("name", ["svd", "svdvals", "pinv", "matrix_rank", "lstsq", "cond"])
def test_what_is_not_finite_is_refused_and_never_waited_for(name: str, bad: float) -> None:
    """The SVD of OpenBLAS does not return from a matrix that holds an infinity."""
    x = tg.Tensor([[0.8, 0.7, 0.9], [bad, -0.1, 1.2], [-0.1, 0.4, 0.4]], requires_grad=True)
    extra = (np.ones((3, 1)),) if name == "lstsq" else ()
    with pytest.raises(tg.errors.LinAlgError, match="TG-L05"):
        getattr(tg.linalg, name)(x, *extra)


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_gradient_of_a_determinant_is_unknown_where_the_matrix_is(bad: float) -> None:
    stack = np.array([[[2.0, 1.0], [0.0, 3.0]], [[bad, 1.0], [0.0, 3.0]]])
    x = tg.Tensor(stack, requires_grad=True)
    with np.errstate(invalid="ignore"):  # NumPy's own, of its determinant
        value = tg.linalg.det(x)
    value.backward(np.ones(2))
    assert x.grad is not None
    np.testing.assert_allclose(x.grad[0], [[3.0, 0.0], [-1.0, 2.0]], atol=1e-12)
    assert np.isnan(x.grad[1]).all()
