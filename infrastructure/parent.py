"""Not outliving the parent: Linux sends a child a signal when its parent dies."""

from __future__ import annotations

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1
# Loaded here: in the forked child nothing may be imported or allocated that could block.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """For `preexec_fn`: the signal to get when the parent ends, however it ends. Linux only;
    elsewhere a child of a killed parent has to be ended by hand."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, number)
