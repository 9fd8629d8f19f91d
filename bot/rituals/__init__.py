"""Rituals on time: who is asked what and when, what they enter, and what becomes of it."""
