"""Who does the trials: this process, or several others with one BLAS thread each."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from ...errors import TrialError
from . import catalogue
from .trial import Job, Objective, Outcome, attempted, shown

__all__ = ["Crew"]

# NumPy's BLAS reads these once, when a process loads it. Several processes with a thread for each
# core would wait for each other.
THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip


class Worker:
    """A process with a pipe to it, and the job that it has."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.channel, theirs = context.Pipe()
        self.job: Job | None = None
        self.ready = False
        self.process = context.Process(target=_work, args=(theirs,), daemon=True)
        with _one_thread():
            self.process.start()
        theirs.close()  # so that the end of the process is the end of the pipe

    def died(self) -> Exception:
        """Return what to say of a process that ended by itself."""
        self.process.join(5)
        if self.job is None or not self.ready:
            return catalogue.worker_never_began(self.process.exitcode)
        return catalogue.worker_died(
            self.job.trial, shown(self.job.settings), self.process.exitcode
        )

    def end(self) -> None:
        """End the process, whatever it does."""
        self.channel.close()
        self.process.kill()
        self.process.join()
        self.process.close()


class Crew:
    """Does jobs, and ends its processes when the block is left, however that happens.

    Parameters
    ----------
    objective : callable
        Of settings, budget and generator.
    workers : int
        How many processes; with 0, this one.

    Notes
    -----
    Each worker has one job at a time and a pipe of its own, so that one that dies is known by its
    trial; an executor from ``concurrent.futures`` only says that some process died. Interrupts
    are for this process: it ends the others.
    """

    def __init__(self, objective: Objective, workers: int) -> None:
        self._objective, self._wanted = objective, workers
        self._workers: list[Worker] = []
        if workers:
            try:
                pickle.dumps(objective)
            except Exception as error:
                raise catalogue.unpicklable(objective, str(error)) from None

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.end()
        self._workers = []

    def done(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Yield each job with what came of it, in the order in which they end."""
        if not self._wanted:
            for job in jobs:
                yield job, _here(self._objective, job)
            return
        left = deque(jobs)
        self._engage(min(self._wanted, len(jobs)))
        busy: dict[Connection, Worker] = {}
        while left or busy:
            for worker in self._workers:
                if left and worker.channel not in busy:
                    self._give(worker, left.popleft())
                    busy[worker.channel] = worker
            for channel in wait(list(busy)):
                worker = busy[channel]  # type: ignore[index]
                outcome = self._heard(worker)
                if outcome is not None:
                    assert worker.job is not None
                    del busy[worker.channel]
                    yield worker.job, outcome

    def _engage(self, count: int) -> None:
        new = [Worker() for _ in range(count - len(self._workers))]
        self._workers += new
        for worker in new:
            # One that ended already is noticed when it is listened to.
            with suppress(OSError):
                worker.channel.send(self._objective)

    def _give(self, worker: Worker, job: Job) -> None:
        worker.job = job
        try:
            worker.channel.send(job)
        except OSError:
            pass
        except Exception as error:
            raise catalogue.unpicklable(job.settings, str(error)) from None

    def _heard(self, worker: Worker) -> Outcome | None:
        try:
            kind, content = worker.channel.recv()
        except (EOFError, OSError):
            raise worker.died() from None
        if kind == "ready":
            worker.ready = True
            return None
        if kind == "lost":
            raise catalogue.not_found_there(content)
        assert worker.job is not None
        if kind == "broke":
            what, *lines = content
            raise catalogue.trial_broke(worker.job.trial, shown(worker.job.settings), what, lines)
        found: Outcome = content
        return found


def _here(objective: Objective, job: Job) -> Outcome:
    try:
        return attempted(objective, job)
    except TrialError:
        raise
    except Exception as error:
        raise catalogue.trial_broke(job.trial, shown(job.settings), _summary(error)) from error


def _summary(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _work(channel: Connection) -> None:
    """Do jobs until nobody is at the other end; what is sent back is text and numbers only."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        try:
            objective = channel.recv()
        except (EOFError, OSError):
            return
        except Exception as error:
            channel.send(("lost", _summary(error)))
            return
        channel.send(("ready", None))
        while True:
            channel.send(_told(objective, channel.recv()))


def _told(objective: Objective, job: Job) -> tuple[str, Any]:
    try:
        return "done", attempted(objective, job)
    except Exception as error:
        lines = "".join(traceback.format_exception(error)).splitlines()
        return "broke", [_summary(error), *lines[-12:]]


@contextmanager
def _one_thread() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
