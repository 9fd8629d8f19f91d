"""What these cases share with the tests of the Slack edge."""

from tests.bot.conftest import clock, writer

__all__ = ["clock", "writer"]
