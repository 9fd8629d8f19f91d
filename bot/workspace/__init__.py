"""A Slack on this machine, for development and tests. Imports nothing else of ours."""
