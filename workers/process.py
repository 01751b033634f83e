"""What every process of ours does alike: log as JSON lines, stop on SIGTERM."""

from __future__ import annotations

import logging
import signal
import sys
import threading

import structlog


def configure_logging(level: str) -> None:
    """JSON lines on stderr: ours, and warnings of the libraries."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def stop_event() -> threading.Event:
    """Set when the process is told to stop (SIGTERM, SIGINT)."""
    stop = threading.Event()

    def set_it(*_: object) -> None:
        # In a thread: the handler may have interrupted a wait that holds the event's lock.
        threading.Thread(target=stop.set).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, set_it)
    return stop
