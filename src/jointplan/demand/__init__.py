"""Probabilistic forecasts of demand and their accuracy."""
