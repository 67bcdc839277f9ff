"""From the command line to an exit status: every way to end is one clear line (floor 6)."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from ..errors import TinygradError
from .arguments import UsageError, parse
from .doctor import doctor
from .grades import grades
from .lessons import lesson, lessons
from .operations import operations
from .prediction import prediction
from .train import DivergedError, Run

__all__ = ["main"]

_OTHERS = {
    "doctor": doctor,
    "grade": grades,
    "lesson": lesson,
    "lessons": lessons,
    "ops": operations,
    "predict": prediction,
}
FAILED, MISUSED, INTERRUPTED = 1, 2, 130  # 128 + SIGINT, as shells report it


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the arguments say or, behind a word such as ``lesson`` or ``ops``, do that.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        The exit status: 0; 1 when the training or a check failed; 2 for arguments that cannot be
        used; 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a folder's name may hold what the terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    run = None
    try:
        if given[:1] and given[0] in _OTHERS:
            return _OTHERS[given[0]](given[1:])
        run = Run(parse(given))
        run.start()
        run.train()
        run.finish()
    except KeyboardInterrupt:
        with _ignoring_interrupts():
            kept = run.interrupted() if run is not None else "nothing was written"
            print(f"tinygrad_edu: interrupted; {kept}", file=sys.stderr)
        return INTERRUPTED
    except UsageError as error:
        return _failed(str(error), MISUSED)
    except BrokenPipeError:  # whoever read the output has enough, as in `... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (DivergedError, TinygradError, OSError) as error:
        return _failed(str(error).partition("\n")[0], FAILED)
    except MemoryError:
        return _failed("not enough memory; try a smaller --model or --batch-size", FAILED)
    return 0


def _failed(message: str, status: int) -> int:
    print(f"tinygrad_edu: error: {' '.join(message.split())}", file=sys.stderr)
    return status


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """Let an impatient second Ctrl-C not spoil the last words of the first."""
    before = signal.getsignal(signal.SIGINT)
    with suppress(ValueError):  # only the main thread has a say in signals
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        with suppress(ValueError):
            signal.signal(signal.SIGINT, before)
