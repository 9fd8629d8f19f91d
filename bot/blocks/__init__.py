"""Nouns to Block Kit: pure functions; the only place that makes a link or a mention."""
