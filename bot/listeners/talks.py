"""The door of what is pressed by those who were asked to speak."""

import re
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.talks import ACT, IN_FORMS, act_in
from bot.inbox import Inbox
from bot.kinds import TALK_STEP
from bot.pressing import from_press


def register(app: App, inbox: Inbox) -> None:
    @app.action(re.compile(rf"^{ACT}_(?!(?:{'|'.join(IN_FORMS)})$)"))
    def act(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        what, talk_id, person = act_in(str(action.get("value") or ""))
        inbox.receive(from_press(body, TALK_STEP, talk_id, act=what, person=person))
        ack()
