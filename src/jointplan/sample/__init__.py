"""The synthetic cluster."""
