"""Not outliving the parent: Linux sends a child a signal when its parent dies."""

from __future__ import annotations

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """For `preexec_fn`: the signal to get when the parent ends, however it ends. Linux only;
    elsewhere a child of a killed parent has to be ended by hand."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
