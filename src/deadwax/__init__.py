"""Deadwax: event-sourced music distribution."""

__version__ = "0.2.0"
