"""Deadwax: event-sourced music distribution."""

__version__ = "0.1.0"
