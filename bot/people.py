"""People, places and who can read them, as Slack tells it; what it does not tell means no."""
