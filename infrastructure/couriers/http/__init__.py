"""Couriers to interfaces that are reached by HTTP, and described by their address."""
