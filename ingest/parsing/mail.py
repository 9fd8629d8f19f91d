"""E-mail as Markdown: one message, or a thread of them, as a mail program shows it, with its attachments."""

import email
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message

from ingest.parsing import formats
from ingest.parsing.converted import Converted, Part
from ingest.parsing.decoding import clean
from ingest.parsing.frontmatter import split_front_matter
from ingest.parsing.mail_headers import few, file_name, header, people, sent_at, words_of
from ingest.parsing.mail_html import html_words
from ingest.parsing.mbox import letters_of, unescaped
from ingest.parsing.replies import trimmed
from knowledge.errors import Unreadable

MOST_NESTED = 3
MOST_ATTACHMENTS = 30
_MOST_ATTACHED = 400_000  # characters, of all attachments of a message
_ANSWER = re.compile(
    r"(?:\s*(?:re|aw|sv|antw|ant|rv|vs|wg|fwd?|tr|rif|enc)\s{0,2}(?:\[\d+\])?\s{0,2}:\s*)+", re.I
)
_MARKS = re.compile(r"^(\s{0,3})(#{1,6}(?=\s)|={2,}\s*$|-{2,}\s*$)", re.MULTILINE)
_HEADING = re.compile(r"#{1,6}(?=\s)")
_FENCE = re.compile(r"\s{0,3}(```+|~~~+)")


@dataclass(slots=True)
class _Letter:
    """One message as it is shown, and what the report should know of it."""

    subject: str
    sender: str
    address: str
    to: str
    at: datetime | None
    key: str
    words: list[str] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    room: int = _MOST_ATTACHED
    attachments: int = 0


def convert_mail(parts: Sequence[Part]) -> Converted:
    """One message (`.eml`). Raises Unreadable when it is none, is encrypted, or says nothing."""
    return _converted([_letter(parts[0].data, 1)])


def convert_mbox(parts: Sequence[Part]) -> Converted:
    """A whole mailbox as one document, in the order of time. Raises Unreadable."""
    data = parts[0].data
    letters = [Part(parts[0].name, data[one.start : one.end]) for one in letters_of([data])]
    return convert_thread(letters)


def convert_thread(parts: Sequence[Part]) -> Converted:
    """Messages that belong together, oldest first; one that is there twice counts once. Raises Unreadable."""
    letters: dict[str, _Letter] = {}
    for number, part in enumerate(parts):
        letter = _letter(unescaped(part.data), 1)
        letters.setdefault(letter.key or str(number), letter)
    return _converted(list(letters.values()))


def _converted(letters: Sequence[_Letter]) -> Converted:
    beginning = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(letters, key=lambda letter: (letter.at is None, letter.at or beginning))
    if not any(letter.words or letter.attached for letter in ordered):
        raise Unreadable("there is no text in the message")
    first = ordered[0]
    subject = _ANSWER.sub("", first.subject, count=1).strip() if first.subject else ""
    blocks = [f"# {subject}"] if subject else []
    for letter in ordered:
        blocks += [_headline(letter), *letter.words, *letter.attached]
    cleaned = clean("\n\n".join(block for block in blocks if block.strip()))
    last = max((letter.at for letter in ordered if letter.at is not None), default=None)
    front = {"updated": last.isoformat()} if last is not None else {}
    if first.address:
        front["owner"] = first.address
    notes = [note for letter in ordered for note in letter.notes]
    return Converted(cleaned.text, title=subject or None, front=front, notes=(*notes, *cleaned.notes))


def _headline(letter: _Letter) -> str:
    when = f"{letter.at:%Y-%m-%d %H:%M}" if letter.at is not None else ""
    heading = ", ".join(filter(None, (letter.sender or letter.address, when))) or "Message"
    sender = f"{letter.sender} ({letter.address})" if letter.sender and letter.address else letter.address
    facts = [f"From: {sender}"] * bool(sender) + [f"To: {letter.to}"] * bool(letter.to)
    return f"## {heading}\n\n" + "; ".join(facts)


def _letter(data: bytes, depth: int) -> _Letter:
    message = email.message_from_bytes(data)
    if not any(message.get(name) for name in ("From", "Date", "Subject", "Message-ID", "Received")):
        raise Unreadable("not an e-mail: it has no header of one")
    names = people(message, "From")
    letter = _Letter(
        subject=header(message, "Subject"),
        sender=names[0][0] if names else "",
        address=names[0][1] if names else "",
        to=few([name or address for name, address in (*people(message, "To"), *people(message, "Cc"))]),
        at=sent_at(message),
        key=header(message, "Message-ID"),
    )
    _take(message, letter, depth)
    return letter


def _take(message: Message, letter: _Letter, depth: int) -> None:
    """Everything that a mail program shows of a message or a part of it."""
    kind = message.get_content_type()
    if kind in ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"):
        raise Unreadable("the message is encrypted")
    payload = message.get_payload()
    if kind == "message/rfc822":
        _take_attachment(message, letter, depth)
    elif isinstance(payload, list):
        parts = [part for part in payload if isinstance(part, Message)]
        if kind == "multipart/alternative":
            _take_one(parts, letter, depth)
            return
        for part in parts:
            _take(part, letter, depth)
    elif _is_attached(message):
        _take_attachment(message, letter, depth)
    else:
        _take_words(message, letter)


def _take_one(parts: Sequence[Message], letter: _Letter, depth: int) -> None:
    """Of alternatives the last is shown (RFC 2046, 5.1.4), or the one before where that says nothing."""
    for part in reversed(parts):
        before = len(letter.words), len(letter.attached)
        try:
            _take(part, letter, depth)
        except Unreadable:
            continue
        if (len(letter.words), len(letter.attached)) != before:
            return


def _is_attached(part: Message) -> bool:
    if part.get_content_disposition() == "attachment":
        return True
    return part.get_content_type() not in ("text/plain", "text/html") or bool(
        part.get_filename() and part.get_content_disposition() != "inline"
    )


def _take_words(part: Message, letter: _Letter) -> None:
    text = words_of(part)
    if part.get_content_type() == "text/html":
        text, hidden = html_words(text)
        if hidden:
            letter.notes.append(f"{hidden} hidden parts left out")
    own = trimmed(clean(text).text).text
    if part.get_content_type() == "text/plain":
        own = _MARKS.sub(r"\1\\\2", own)
    if own.strip():
        letter.words.append(demoted(own, 2))


def _take_attachment(part: Message, letter: _Letter, depth: int) -> None:
    """An attachment by its name, with its text where its format is read."""
    name = " ".join(clean(file_name(part)).text.split())[:200] or "without a name"
    letter.attachments += 1
    if part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment":
        letter.attached.append(f"[image: {name}]")
        return
    heading = f"### Attachment: {name}"
    try:
        text = _attached(part, name, letter, depth)
    except Unreadable as error:
        letter.attached.append(f"{heading}\n\n(not read)")
        letter.notes.append(f"attachment {name} not read: {error}")
        return
    text = text[: letter.room]
    letter.room -= len(text)
    letter.attached.append(f"{heading}\n\n{demoted(text, 3)}")


def _attached(part: Message, name: str, letter: _Letter, depth: int) -> str:
    """The text of an attachment. Raises Unreadable when it is not read."""
    if letter.attachments > MOST_ATTACHMENTS or letter.room <= 0:
        raise Unreadable("the attachments before it are as much as is read of one message")
    if part.get_content_type() == "message/rfc822":
        if depth >= MOST_NESTED:
            raise Unreadable("it is a message in a message in a message")
        inner = part.get_payload(0) if part.is_multipart() else None
        if not isinstance(inner, Message):
            raise Unreadable("the message in it is damaged")
        return _nested(inner.as_bytes(), letter, depth)
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data.strip():
        raise Unreadable("it is empty")
    kind = formats.named_format(name)
    if kind is None or kind == "mbox":
        raise Unreadable(formats.why_not_read(name) or "files of this type are not read")
    kind = formats.actual_format(kind, data)
    if kind == "mail":
        if depth >= MOST_NESTED:
            raise Unreadable("it is a message in a message in a message")
        return _nested(data, letter, depth)
    converted = formats.convert(kind, [Part(name, data)])
    front = split_front_matter(converted.text)
    if front.audience is not None or "audience" in converted.front:
        raise Unreadable("it names its own readers")
    letter.notes += [f"attachment {name}: {note}" for note in converted.notes]
    return converted.text[front.body_start :].strip()


def _nested(data: bytes, above: _Letter, depth: int) -> str:
    """A message that is attached to another."""
    letter = _letter(data, depth + 1)
    above.notes += letter.notes
    title = f"**{letter.subject}**" if letter.subject else ""
    return "\n\n".join(
        filter(None, (title, _headline(letter).lstrip("#").strip(), *letter.words, *letter.attached))
    )


def demoted(text: str, by: int) -> str:
    """Markdown with its headings lower by some levels, and every fence closed."""
    lines = []
    fence = ""
    for line in text.split("\n"):
        if found := _FENCE.match(line):
            if not fence:
                fence = found[1]
            elif found[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
        elif not fence and (heading := _HEADING.match(line)):
            line = "#" * min(6, len(heading[0]) + by) + line[heading.end() :]
        lines.append(line)
    return "\n".join([*lines, *([fence] if fence else [])])
