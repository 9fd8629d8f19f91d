"""One module per doorway through which Slack reaches Lore."""
