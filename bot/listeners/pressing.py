"""A button under an answer, wherever it stands: by itself in the row, or chosen from the menu."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import App

from bot.blocks.actions import MENU, pressed

Listener = Callable[..., object]


def on_press(app: App, action_id: str) -> Callable[[Listener], Listener | None]:
    """Decorates the listener for one of the action ids of `bot.blocks.actions`.

    `pressed(action)` gives the question's id.
    """

    def is_this_one(body: Mapping[str, Any]) -> bool:
        actions = body.get("actions") or [{}]
        return pressed(actions[0])[0] == action_id

    pattern = re.compile(f"^({re.escape(action_id)}|{re.escape(MENU)})$")
    return app.action(pattern, matchers=[is_this_one])
