"""Letters of the whole bot: they wait while the mail server is away, and the admins hear of it in Slack."""

from datetime import UTC, datetime, timedelta

from bot.journal import letters
from bot.journal.letters import SENT, WAITING, Letter
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.joined import at_work
from tests.fakes import FakeClock
from tests.mail import mail_server


def test_a_letter_waits_for_its_server_and_admins_hear_once(
    slack: Workspace, bare: Knowledge, clock: FakeClock
) -> None:
    begin = clock()
    ana = slack.person("ana").id
    with mail_server() as gone:
        settings = gone.settings()
    with at_work(slack, bare, clock=clock, mail=settings) as lore:
        talk = Letter("k", "word", "talk", ana, "A talk", "Come.", (begin + timedelta(days=2)).timestamp())
        with bare.database.writing() as connection:
            letters.put(connection, talk, begin.timestamp())

        def beat(minutes: int) -> str:
            clock.move(begin + timedelta(minutes=minutes))
            for bot in lore.bots:
                bot.send_letters(clock())
            with bare.database.reading() as connection:
                [one] = letters.about(connection, "talk")
            return one.state

        assert [beat(minutes) for minutes in range(0, 120, 5)] == [WAITING] * 24
        [told] = slack.wait_for(lambda: slack.said_by_app(slack.dm("ana")))
        assert "I cannot send e-mail" in told["text"]
        with mail_server(settings.port) as back:
            assert (beat(240), beat(300)) == (SENT, SENT)
            [arrived] = back.letters
            assert arrived["Date"].datetime > datetime.fromtimestamp(begin.timestamp(), UTC)
        assert len(slack.said_by_app(slack.dm("ana"))) == 1
