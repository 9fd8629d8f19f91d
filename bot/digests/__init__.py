"""Digests: what is new for a place or a person, section by section, and what leads may know."""
