"""A tiny bot made of the real slack_bolt that says what the page has to show: answers, citations, modals."""

import threading
from typing import Any

from slack_bolt import App

HOSTILE = "<img src=x onerror=\"document.title='owned'\"> & <b>bold?</b>"
PASSAGE = "The restore drill is on the first Tuesday of every month. Diego runs it from the standby region."

CODE = """def restore(snapshot: str, region: str = "standby") -> Report:
    volume = attach(snapshot, region=region)  # a long line that scrolls sideways and never breaks the layout
    return verify(volume, against=checksums(snapshot))"""


def text(words: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": words} | ({"style": style} if style else {})


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def bullets(*items: str, indent: int = 0, style: str = "bullet") -> dict[str, Any]:
    rows = [section(text(item)) for item in items]
    return {"type": "rich_text_list", "style": style, "indent": indent, "elements": rows}


def plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def button(label: str, action_id: str, value: str = "1", **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(label), "action_id": action_id, "value": value} | more


def answer_blocks(asked: str) -> list[dict[str, Any]]:
    """A long answer: paragraphs, nested lists, code, a quote, and two citations with their buttons."""
    body = {
        "type": "rich_text",
        "elements": [
            section(
                text("The restore drill is on the "),
                text("first Tuesday", bold=True),
                text(" of every month [1]. It takes about two hours, and its report goes to "),
                {"type": "channel", "channel_id": "C_TRAINING"},
                text(" the same day [2]. See "),
                {"type": "link", "url": "https://wiki.heron.example/drills", "text": "the drill page"},
                text(", and run "),
                text("lore doctor", code=True),
                text(" first."),
            ),
            bullets("Attach the snapshot in the standby region", "Verify"),
            bullets("checksums", "row counts", indent=1),
            bullets("Write the report"),
            {"type": "rich_text_preformatted", "elements": [text(CODE)]},
            {"type": "rich_text_quote", "elements": [text(f"You asked: {asked}")]},
            section(text("x" * 300)),
        ],
    }
    return [
        body,
        {"type": "context", "elements": [plain("⚠ The newest source is 14 months old.")]},
        *citation(1, "Drills › Schedule", "ops/drills.md, line 12 · updated 3 weeks ago · owner Dev Patel"),
        *citation(2, "Reports", "ops/reports.md, line 4 · age unknown"),
    ]


def citation(n: int, title: str, details: str) -> list[dict[str, Any]]:
    quote = {"type": "rich_text_quote", "elements": [text(PASSAGE)]}
    label = f"Open the passage of citation {n}"
    return [
        {
            "type": "section",
            "text": plain(f"{n}. {title}"),
            "accessory": button("Open passage", "open_passage", str(n), accessibility_label=label),
        },
        {"type": "rich_text", "elements": [quote]},
        {"type": "context", "elements": [plain(details)]},
    ]


def passage_view(n: str) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain(f"Source {n}"),
        "close": plain("Close"),
        "blocks": [
            {"type": "rich_text", "elements": [section(text(PASSAGE, bold=True), text("\n\n" + HOSTILE))]},
            {"type": "context", "elements": [plain("The quoted words are bold.")]},
        ],
    }


FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Tell us more"),
    "submit": plain("Send"),
    "close": plain("Cancel"),
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": plain("What was wrong?"),
            "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
            "hint": plain("Say it in a sentence."),
        },
        {
            "type": "input",
            "block_id": "kind",
            "label": plain("Kind"),
            "element": {
                "type": "static_select",
                "action_id": "kind",
                "options": [
                    {"text": plain("Outdated"), "value": "old"},
                    {"text": plain("Wrong"), "value": "wrong"},
                ],
            },
        },
        {
            "type": "input",
            "block_id": "who",
            "optional": True,
            "label": plain("Who should know?"),
            "element": {
                "type": "checkboxes",
                "action_id": "who",
                "options": [
                    {"text": plain("The owner"), "value": "owner"},
                    {"text": plain("The admins"), "value": "admins", "description": plain("Two people")},
                ],
            },
        },
        {
            "type": "input",
            "block_id": "when",
            "label": plain("How soon?"),
            "element": {
                "type": "radio_buttons",
                "action_id": "when",
                "options": [
                    {"text": plain("Now"), "value": "now"},
                    {"text": plain("Later"), "value": "later"},
                ],
                "initial_option": {"text": plain("Later"), "value": "later"},
            },
        },
    ],
}

CONFIRM = {
    "title": plain("Forget it?"),
    "text": plain("It will be gone."),
    "confirm": plain("Forget"),
    "deny": plain("Keep"),
}


PROMPTS = [{"title": "When is the drill?", "message": "when is the restore drill?"}]
HOME = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": plain("Ask the team")},
        {"type": "actions", "elements": [button("Tell us more", "form")]},
        {
            "type": "input",
            "block_id": "search",
            "dispatch_action": True,
            "label": plain("Your question"),
            "element": {"type": "plain_text_input", "action_id": "typed"},
        },
        {
            "type": "actions",
            "elements": [
                {
                    "type": "static_select",
                    "action_id": "period",
                    "placeholder": plain("Period"),
                    "options": [{"text": plain(each), "value": each.lower()} for each in ("Week", "Month")],
                },
                {
                    "type": "checkboxes",
                    "action_id": "ticked",
                    "options": [{"text": plain("Answer me privately"), "value": "private"}],
                },
            ],
        },
    ],
}


def feedback_blocks() -> list[dict[str, Any]]:
    """Buttons of every kind: a form, a confirmation, one that nobody answers, a menu."""
    menu = {
        "type": "static_select",
        "action_id": "period",
        "placeholder": plain("Period"),
        "options": [{"text": plain(each), "value": each.lower()} for each in ("Week", "Month")],
    }
    asking = {"type": "mrkdwn", "text": "*Was this* _useful_? `&lt;yes&gt;` <!here> &amp; co"}
    return [
        {"type": "section", "text": asking},
        {
            "type": "actions",
            "elements": [
                button("Tell us more", "form", style="primary"),
                button("Forget", "forget", confirm=CONFIRM, style="danger"),
                button("Silent", "silent"),
                menu,
            ],
        },
    ]


def scripted(app: App, training: str, looking_up: threading.Event) -> list[Any]:
    """Teach the app its lines; gives the list of what it heard. It answers once `looking_up` is set."""
    heard: list[Any] = []

    @app.event("app_mention")
    def answer(event, client) -> None:
        root = event.get("thread_ts") or event["ts"]
        where = {"channel": event["channel"], "thread_ts": root}
        if "look it up" in event["text"]:
            client.assistant_threads_setStatus(
                channel_id=event["channel"], thread_ts=root, status="is looking it up…"
            )
            looking_up.wait(20)
        if "hostile" in event["text"]:
            blocks = [{"type": "section", "text": plain(HOSTILE)}, *_hostile_blocks()]
            client.chat_postMessage(**where, text="hostile", blocks=blocks)
        elif "buttons" in event["text"]:
            client.chat_postMessage(**where, text="buttons", blocks=feedback_blocks())
        else:
            blocks = answer_blocks(event["text"])
            blocks[0]["elements"][0]["elements"][3]["channel_id"] = training
            client.chat_postMessage(**where, text="The first Tuesday.", blocks=blocks)

    @app.event("message")
    def in_dm(event, client) -> None:
        if event.get("channel_type") == "im" and not event.get("bot_id") and not event.get("subtype"):
            client.chat_postMessage(channel=event["channel"], text=f"You said: {event['text']}")

    @app.event("app_home_opened")
    def at_home(event, client) -> None:
        if event["tab"] == "messages":
            client.assistant_threads_setSuggestedPrompts(
                channel_id=event["channel"], title="You could ask", prompts=PROMPTS
            )
        else:
            client.views_publish(user_id=event["user"], view=HOME)

    @app.event("app_context_changed")
    def looks_elsewhere() -> None:
        """What is on the screen is of no interest to it."""

    @app.action("typed")
    def typed(ack, action) -> None:
        ack()
        heard.append(action["value"])

    @app.action("ticked")
    def ticked(ack, action) -> None:
        ack()
        heard.append([option["value"] for option in action["selected_options"]])

    @app.command("/ask")
    def ask(ack, command, respond) -> None:
        ack()
        respond(f"Privately: *{command['text']}*")

    @app.action("open_passage")
    def open_passage(ack, body, client, action) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=passage_view(action["value"]))

    @app.action("form")
    def form(ack, body, client) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.action("forget")
    def forget(ack, body, client) -> None:
        ack()
        where = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        client.chat_update(**where, text="Forgotten.", blocks=[])

    @app.action("period")
    def period(ack, action) -> None:
        ack()
        heard.append(action["selected_option"]["value"])

    @app.action("silent")
    def silent() -> None:
        """Never acknowledges."""

    @app.view("form")
    def sent(ack, view) -> None:
        values = view["state"]["values"]
        if "bad" in values["why"]["text"]["value"]:
            ack(response_action="errors", errors={"why": "Say it kindly."})
        else:
            heard.append(values)
            ack()

    @app.view("elements")
    def filled(ack, view) -> None:
        heard.append(view["state"]["values"])
        ack()

    return heard


def _hostile_blocks() -> list[dict[str, Any]]:
    mrkdwn = "<javascript:alert(1)|click> &lt;script&gt;alert(1)&lt;/script&gt; <https://ok.example/?a=1&amp;b=2|fine>"
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn}},
        {"type": "header", "text": plain(HOSTILE[:100])},
        {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [text(HOSTILE)]}]},
        {"type": "image", "image_url": "https://tracker.example/p.png", "alt_text": HOSTILE},
    ]
