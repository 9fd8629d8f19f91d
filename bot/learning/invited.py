"""Invitations to the talks of all kinds of series, put together."""

from slack_bolt import App
from slack_sdk import WebClient

from bot.inbox import Inbox, Received
from bot.learning.attending import Attending
from bot.learning.calendar_files import CalendarFiles
from bot.learning.coming import Coming
from bot.learning.inviting import Inviting
from bot.learning.posting import Posting
from bot.learning.reminding import Reminding
from bot.letters import Mail
from bot.listeners.invitations import register
from bot.notices import Notices
from bot.rooms import Room


class _ToInbox:
    """The inbox, once there is one."""

    def __init__(self) -> None:
        self._inbox: Inbox | None = None

    def joined(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def receive(self, received: Received) -> None:
        if self._inbox is not None:
            self._inbox.receive(received)


def let_invite(room: Room, notices: Notices, mail: Mail, client: WebClient) -> None:
    """Have the talks of all rooms announced, replied to and reminded of; in one room, once."""
    people, database, availability = room.people, room.database, notices.availability
    to_inbox = _ToInbox()
    posting = Posting(people, database, mail)
    Reminding(people, database).join(notices)
    Attending(people, database, room.clock).join(room)
    CalendarFiles(people, database, client, room.clock).join(room)
    Inviting(people, database, availability, posting, to_inbox.receive).join(room)

    def door(app: App, inbox: Inbox) -> None:
        to_inbox.joined(inbox)
        register(app, inbox)

    room.doors.append(door)


def let_look_ahead(room: Room, kind: str) -> None:
    """Have a room list what comes next of its kind of series, and what somebody comes to."""
    Coming(room.people, room.database, room.clock, kind).join(room)
