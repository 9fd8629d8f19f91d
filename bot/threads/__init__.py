"""Slack itself as a source: threads in which a question was answered become documents."""
