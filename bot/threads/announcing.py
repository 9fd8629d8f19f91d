"""A channel is told, once, that its threads are answered from: before anybody else can be."""

from sqlalchemy import Connection

from bot.journal import outgoing
from bot.journal.personal import tell_once
from bot.messages import Message
from bot.replies import in_markdown
from bot.threads.judging import Rules
from prompts.words import words


def announce(connection: Connection, channel: str, rules: Rules, now: float) -> None:
    """Store the message, unless the channel was told before; the running bot says it."""
    if not tell_once(connection, f"threads:{channel}", now):
        return
    how = f" with {_emoji(rules.accepting)}" if rules.accepting else ""
    [page] = in_markdown(words("threads_announced", how=how, out=_emoji(rules.taking_out) or "nothing"))
    said = Message(channel, page.text, blocks=page.blocks, key=f"threads:{channel}")
    outgoing.put(connection, (said,), None, now)


def _emoji(names: frozenset[str]) -> str:
    return " or ".join(f"`:{name}:`" for name in sorted(names))
