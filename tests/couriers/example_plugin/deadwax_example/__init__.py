"""A courier to platforms that have a tray."""
