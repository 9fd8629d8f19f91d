"""Bytes to structured text."""
