"""`python -m bot.cli` is `lore`."""

from bot.cli import main

main()
