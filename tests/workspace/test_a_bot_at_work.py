"""A real Bolt app answers, opens modals and uses response_urls in the workspace, over real sockets."""

from slack_bolt import App

from bot.workspace import Workspace

MODAL = {
    "type": "modal",
    "callback_id": "note",
    "title": {"type": "plain_text", "text": "A note"},
    "submit": {"type": "plain_text", "text": "Save"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "note",
            "label": {"type": "plain_text", "text": "Note"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


def button(action_id: str, value: str = "1", **more: object) -> dict[str, object]:
    label = {"type": "plain_text", "text": action_id}
    return {"type": "button", "action_id": action_id, "text": label, "value": value} | more


def test_a_mention_is_answered_in_its_thread(slack: Workspace, app: App, connect) -> None:
    @app.event("app_mention")
    def answer(event, say) -> None:
        say(text=event["text"].replace("@", "at "), thread_ts=event["ts"])

    connect(app)
    ts = slack.say("ana", "#general", "@lore what is <this> & that?")
    [reply] = slack.wait_for(lambda: slack.said_by_app("#general", ts))

    assert reply["thread_ts"] == ts
    assert reply["text"] == f"<at {slack.team.app.user_id}> what is &lt;this&gt; &amp; that?"
    assert slack.messages("#general", ts)[0]["reply_count"] == 1
    assert [len(slack.ledger.events(kind)) for kind in ("app_mention", "message")] == [1, 2]


def test_one_post_is_two_events_with_different_ids(slack: Workspace, app: App, connect) -> None:
    connect(app)
    slack.say("ana", "#general", "@lore hello")
    slack.wait_for(lambda: len(slack.ledger.events()) == 2)
    message, mention = slack.ledger.events()

    assert message.event_id != mention.event_id
    assert message.payload["event"]["ts"] == mention.payload["event"]["ts"]
    assert message.payload["event"]["client_msg_id"]
    assert mention.payload["authorizations"][0]["user_id"] == slack.team.app.user_id


def test_a_slash_command_is_answered_privately(slack: Workspace, app: App, connect) -> None:
    @app.command("/ask")
    def ask(ack, command, respond) -> None:
        ack("one moment")
        respond(f"about {command['text']}")

    connect(app)
    shown = slack.slash("ben", "#general", "/ask", "drills")
    assert shown.ok
    assert shown.message["text"] == "one moment"
    slack.wait_for(lambda: len(slack.ephemerals("ben", "#general")) == 2)
    texts = {
        each["text"] for each in slack.ephemerals("ben", "#general")
    }  # Bolt's reply may overtake its ack
    assert texts == {"one moment", "about drills"}
    assert slack.messages("#general") == []
    assert slack.ephemerals("ana", "#general") == []


def test_an_unacknowledged_slash_command_fails_as_in_slack(slack: Workspace, app: App, connect) -> None:
    assert slack.slash("ben", "#general", "/ask").error == "dispatch_failed"
    assert slack.slash("ben", "#general", "/nothing").error == "unknown_command"

    @app.command("/ask")
    def ask() -> None:
        """Never acknowledges."""

    connect(app)
    assert slack.slash("ben", "#general", "/ask").error == "dispatch_failed"


def test_a_modal_opens_complains_and_closes(slack: Workspace, app: App, connect) -> None:
    heard = []

    @app.action("open")
    def open_(ack, body, client) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("note")
    def submitted(ack, view) -> None:
        text = view["state"]["values"]["note"]["text"]["value"]
        heard.append(text)
        if text == "bad":
            ack(response_action="errors", errors={"note": "Say more"})
        else:
            ack()

    @app.view_closed("note")
    def closed(ack) -> None:
        ack()
        heard.append("closed")

    connect(app)
    message = app.client.chat_postMessage(
        channel=slack.channel("general").id,
        text="x",
        blocks=[{"type": "actions", "elements": [button("open")]}],
    )
    assert slack.click("ana", "#general", message["ts"], "open").ok
    [view] = slack.wait_for(lambda: slack.views_open("ana"))

    assert slack.submit_view("ana", view["id"]).errors == {"note": "Please complete this required field."}
    assert slack.submit_view("ana", view["id"], {"text": "bad"}).errors == {"note": "Say more"}
    assert slack.submit_view("ana", view["id"], {"text": "good"}).ok
    assert slack.views_open("ana") == []

    slack.click("ana", "#general", message["ts"], "open")
    [view] = slack.wait_for(lambda: slack.views_open("ana"))
    slack.close_view("ana", view["id"])
    slack.wait_for(lambda: heard == ["bad", "good", "closed"])


def test_buttons_can_replace_and_delete_their_message(slack: Workspace, app: App, connect) -> None:
    @app.action("replace")
    def replace(ack, respond) -> None:
        ack()
        respond(text="replaced", replace_original=True)

    @app.action("delete")
    def delete(ack, respond) -> None:
        ack()
        respond(delete_original=True)

    connect(app)
    blocks = [{"type": "actions", "elements": [button("replace"), button("delete")]}]
    app.client.chat_postEphemeral(channel="#general", user=slack.person("ana").id, text="x", blocks=blocks)
    [private] = slack.ephemerals("ana", "#general")
    slack.click("ana", "#general", private["ts"], "replace")
    slack.wait_for(lambda: slack.ephemerals("ana", "#general")[0]["text"] == "replaced")

    said = app.client.chat_postMessage(channel=slack.channel("general").id, text="x", blocks=blocks)
    slack.click("ana", "#general", said["ts"], "delete")
    slack.wait_for(lambda: not slack.messages("#general"))


def test_an_app_home_is_published_when_it_is_opened(slack: Workspace, app: App, connect) -> None:
    @app.event("app_home_opened")
    def opened(event, client) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [{"type": "divider"}]})

    connect(app)
    slack.open_home("ana")
    assert slack.wait_for(lambda: slack.home("ana"))["blocks"][0]["type"] == "divider"
    assert slack.home("ben") is None


def test_a_status_shows_until_the_app_answers(slack: Workspace, client) -> None:
    ts = slack.say("ana", "#general", "hello")
    client.assistant_threads_setStatus(
        channel_id=slack.channel("general").id, thread_ts=ts, status="is searching…"
    )
    assert slack.status("#general", ts) == "is searching…"
    client.chat_postMessage(channel="#general", text="found", thread_ts=ts)
    assert slack.status("#general", ts) == ""
