"""Servers that speak the protocols of places, from their published schemas, and what goes wrong there."""
