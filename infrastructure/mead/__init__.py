"""MEAD 1.1 and PIE 1.0: what is said of music and artists beside the ERN message."""
