"""How Lore is connected to Slack: over Socket Mode or over HTTP, one Bolt app either way."""

from collections.abc import Callable
from typing import Protocol

from slack_bolt import App

from bot.delivery import Delivery


class Connection(Protocol):
    """Brings what Slack sends to the app, and acknowledges what the app has committed."""

    @property
    def connected(self) -> bool:
        """Whether Slack can reach the app now, as far as can be told from here."""
        ...

    @property
    def told(self) -> str:
        """How it is, in a few words for an operator."""
        ...

    def start(self) -> None:
        """Take things in from now on."""
        ...

    def stop(self) -> None:
        """Take nothing more in; what is being committed is still acknowledged where that works."""
        ...


Connect = Callable[[App, Delivery], Connection]
"""Makes the connection of an app, over the delivery whose inbox its listeners write."""
