"""Where every command ends: one line and an exit code, whatever happened. Never a traceback.

Only what is needed to catch something is imported before there is anything to catch.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
import warnings
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

WRONG, FAILED = 1, 3
"""The author's input; the machine, or pagereel itself: nothing in the input is at fault."""
STOPPED = 128
"""And the number of the signal, as shells count: 130 for Ctrl-C, 143 for `kill`."""
SIGNALS = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended from outside"}
if sys.platform != "win32":
    SIGNALS[signal.SIGHUP] = "ended with its terminal"
UNCOLLECTED = 50_000
"""New objects after which Python looks for garbage. States and pictures are many, hold no circles,
and stay: looking after every 700 takes a tenth of the time and finds nothing."""


class Stopped(BaseException):
    """A signal asks the command to end. No `except Exception` may take it for a mistake."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass(slots=True)
class Ending:
    """What is known of how this command ends."""

    debug: bool = False
    """Whether a traceback is wanted; `--debug` sets it."""
    number: int = 0
    """Of the signal that asked for an end; 0: none did."""
    asked: int = 0
    """How often."""
    over: bool = False
    """Whether all is done, and a signal comes too late."""
    aside: list[str] = field(default_factory=list)
    """Tracebacks of what went wrong where nobody could be told: in threads, while deleting."""

    def listen(self) -> None:
        """Turn signals into `Stopped`, and catch what Python would print by itself."""
        sys.excepthook = lambda kind, problem, traceback: self._note(problem)
        sys.unraisablehook = lambda failed: self._note(failed.exc_value)
        threading.excepthook = lambda failed: self._note(failed.exc_value)
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
        heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        for number in heard:  # all, but for those that `nohup` and the like had ignored
            signal.signal(number, self._stop)
        atexit.register(lambda: [signal.signal(number, signal.SIG_IGN) for number in heard])

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Obey the first; the second comes while that is done; the third is in haste."""
        self.asked += 1
        if self.asked == 1 and not self.over:
            self.number = number
            raise Stopped(number)
        if self.asked > 2:
            os._exit(STOPPED + number)

    def _note(self, problem: BaseException | None) -> None:
        if isinstance(problem, Stopped):  # raised where it was swallowed: once more, elsewhere
            self.asked = 0
            threading.Timer(0.01, os.kill, (os.getpid(), problem.number)).start()
        elif problem is not None and self.debug:
            self.aside.append(_traceback(problem))


def main() -> NoReturn:
    """Run the command; whatever ends it is one clear message and its own exit code."""
    gc.set_threshold(UNCOLLECTED)
    ending = Ending()
    try:
        ending.listen()
        code = _outcome(ending)
        ending.over = True
    except Stopped as stopped:
        _say("; ".join([SIGNALS[signal.Signals(stopped.number)], *_notes(stopped)]))
        code = STOPPED + stopped.number
    except BaseException:  # not even the memory to say it nicely
        os.write(2, b"pagereel: it failed, and nothing more can be said\n")
        os._exit(FAILED)
    sys.exit(code)


def _outcome(ending: Ending) -> int:
    """The exit code of the command; what there is to say has been said."""
    from pagereel.cli.terminal import Outlet, open_outlets
    from pagereel.errors import explain

    open_outlets()
    code = _run(ending)
    sys.stdout.flush()
    trouble = sys.stdout.trouble if isinstance(sys.stdout, Outlet) else None
    if trouble and not isinstance(trouble, BrokenPipeError) and code == 0:
        _say(str(explain(trouble, "cannot print the results", "send them elsewhere")))
        return FAILED
    return code


def _run(ending: Ending) -> int:
    try:
        from pagereel.storage.workshop import work_apart

        work_apart()
        from pagereel.cli.app import app

        app(obj=ending)
    except SystemExit as over:  # how Typer ends
        return over.code if isinstance(over.code, int) else int(over.code is not None)
    except Stopped:
        raise
    except BaseException as problem:
        if ending.number:  # and a library made another error of it
            raise Stopped(ending.number) from problem
        return _told(problem, ending)
    return 0


def _told(problem: BaseException, ending: Ending) -> int:
    """Say why the command failed; its exit code."""
    from pagereel.errors import InputWrong, MachineFailed, explain

    match problem:
        case InputWrong():
            print(problem, file=sys.stderr)
            return WRONG
        case MachineFailed():
            message = str(problem)
        case MemoryError():
            if not ending.debug:
                problem.__traceback__ = None  # it holds what filled the memory
            message = "there is not enough memory; fewer --jobs, or fewer beats"
        case ImportError():
            what = "not all of pagereel can be loaded, or there is no memory for it"
            message = _line(f"{what}: {problem}")
        case OSError():
            message = str(explain(problem, "cannot go on"))
        case _:
            message = _apology(problem, ending)
    kept = _kept(ending, problem) if ending.debug else ""
    _say("; ".join(filter(None, [message, *_notes(problem), kept])))
    return FAILED


def _apology(mistake: BaseException, ending: Ending) -> str:
    what = _line(f"{type(mistake).__name__}: {mistake}")
    more = "" if ending.debug else "; `pagereel --debug COMMAND ...` keeps all that is known of it"
    return f"this is a mistake of pagereel's own, not of yours ({what}){more}"


def _line(text: str) -> str:
    return " ".join(text.split())[:200]


def _kept(ending: Ending, problem: BaseException) -> str:
    """Write the traceback to a file of its own, and tell where."""
    import tempfile

    from pagereel.storage.workshop import lasting

    try:
        handle, name = tempfile.mkstemp(".txt", "pagereel-debug-", lasting())
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as opened:
            opened.write("\n".join([_traceback(problem), *ending.aside]))
    except OSError as refused:
        return f"the traceback cannot be written: {refused.strerror}"
    return f"the traceback is in {name}"


def _traceback(problem: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(problem))


def _notes(problem: BaseException) -> list[str]:
    """What those whom it passed have added: whether anything is kept."""
    return list(getattr(problem, "__notes__", []))


def _say(message: str) -> None:
    print(f"pagereel: {message}", file=sys.stderr)


__all__ = ["STOPPED", "Ending", "Stopped", "main"]
