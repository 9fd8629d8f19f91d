"""The Slack edge: listeners, delivery, journal, settings, command line and wiring."""
