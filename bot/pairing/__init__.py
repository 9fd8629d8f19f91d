"""Pairing: people who are brought together in rounds, with memory."""
