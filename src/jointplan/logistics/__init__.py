"""Chargeable weight, tariffs and transit times."""
