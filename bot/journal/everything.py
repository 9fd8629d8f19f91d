"""All that the journal holds of a workspace and its people goes at once when the app is uninstalled."""

from sqlalchemy import Connection, delete, insert

from bot.journal.complete import metadata
from bot.journal.replays import replays
from bot.journal.tables import audit, inbox

UNINSTALLED = "uninstalled"
FORGET_SLACK = "forget_slack"
"""The kind of the inbox item that takes what came from Slack out of the index and the record."""


def forget_everything(connection: Connection, team: str, now: float) -> None:
    """Empty every table of the journal, whatever is added to it, and note that this was done.

    Requests that were seen stay known: they hold nothing of anybody, and must not work a second time. What
    came from Slack leaves the index next.
    """
    for table in reversed(metadata.sorted_tables):
        if table is not replays:
            connection.execute(delete(table))
    note_uninstalled(connection, team, now)
    empty = dict.fromkeys(("team", "channel", "ts", "thread_ts", "person", "text"), "")
    item = {"kind": FORGET_SLACK, "state": "queued", "conversation": FORGET_SLACK, "payload": {}}
    connection.execute(insert(inbox), {**empty, **item, "received_at": now})


def note_uninstalled(connection: Connection, team: str, now: float) -> None:
    """The audit says when the app was uninstalled, by nobody that Slack names."""
    row = {"at": now, "person": "", "action": UNINSTALLED, "subject": team, "allowed": 1}
    connection.execute(insert(audit), row)
