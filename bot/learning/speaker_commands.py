"""Commands about who speaks: to offer it, to step back, and to have somebody asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.blocks import talks as blocks
from bot.journal import talks
from bot.journal.records import Audit
from bot.journal.series import Series
from bot.journal.talks import FOUND, OPEN_FLOOR, WANTED, Talk
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.learning import course
from bot.learning.cards import may_come
from bot.learning.finding import COMING, KIND_OF, Finding, after_verb, is_speaker, mentioned, slot_in
from bot.learning.speaker_presses import Came, SpeakerPresses, audited
from bot.replies import in_markdown, reply
from bot.rooms import Room
from knowledge.ports import Clock
from prompts.learning import search_ends
from prompts.series import NAMES
from prompts.words import words


@dataclass(frozen=True, slots=True)
class SpeakerCommands:
    """The same for every kind of series; each room has them about its own."""

    finding: Finding
    presses: SpeakerPresses
    writer: JournalWriter
    clock: Clock

    def join(self, room: Room) -> None:
        room.commands |= {"speak": self.speak, "step-back": self.step_back, "ask": self.ask}

    def speak(self, item: Item) -> Done:
        """`/learn speak [DATE]`: offer to speak at the next one that nobody speaks at."""
        found = self._free(item, self.finding.of_kind(KIND_OF[item.kind], item.person, item.channel))
        if found is None:
            return self._none_free(item)
        came = self.writer.write(lambda connection: self._offer(connection, found.id, item.person))
        return self._came(item, came, found)

    def step_back(self, item: Item) -> Done:
        """`/learn step-back [DATE]`: not at the next of one's own, after all."""
        slot = slot_in(after_verb(item))[0]
        own = self.finding.spoken_by(KIND_OF[item.kind], item.person, self.clock(), slot)
        if not own:
            named = NAMES[KIND_OF[item.kind]]
            text = words("talk_none_of_yours", talk=named.talk, command=named.command)
            return Done(say=reply(item, in_markdown(text)))
        [talk, *_] = own

        def change(connection: Connection) -> Came:
            return self.presses.reply(connection, talk.id, item.person, blocks.STEP_BACK)

        return self._came(item, self.writer.write(change), talk)

    def ask(self, item: Item) -> Done:
        """`/learn ask @somebody [DATE]`: who looks after the series has somebody asked next."""
        who = mentioned(self.finding.people, item.text)
        among = self.finding.managed(KIND_OF[item.kind], item.person, item.channel)
        command = NAMES[KIND_OF[item.kind]].command
        if not among:
            refused = Audit(item.person, "ask a speaker", who, allowed=False)
            return Done(say=reply(item, in_markdown(words("talk_not_yours"))), record=(refused,))
        if not who:
            return Done(say=reply(item, in_markdown(words("talk_who", command=command, verb="ask"))))
        talk = self._free(item, among)
        if talk is None:
            return self._none_free(item)
        one = next(one for one in among if one.id == talk.series_id)
        person = self.finding.people.name_of(who)
        if not may_come(self.finding.people, one, who):
            place = self.finding.people.name_of_place(one.channel)
            refused = Audit(item.person, "ask a speaker", f"{talk.id} {who}", allowed=False)
            text = words("speaker_outside", person=person, channel=place)
            return Done(say=reply(item, in_markdown(text)), record=(refused,))
        if self.writer.write(lambda connection: self._ask(connection, talk.id, one, who)):
            text = words("talk_asked", person=person, command=command)
        else:
            text = words("talk_asked_before", person=person)
        record = Audit(item.person, "ask a speaker", f"{talk.id} {who}")
        return Done(say=reply(item, in_markdown(text)), record=(record,))

    # within

    def _ask(self, connection: Connection, talk_id: str, one: Series, who: str) -> bool:
        """Have somebody asked now; False when they wait for an answer already, or speak."""
        now = self.clock().timestamp()
        talk = talks.by_id(connection, talk_id)
        if talk is None or talk.floor == FOUND or talk.state not in COMING:
            return False
        if any(asked.person == who for asked in talks.speakers_of(connection, talk.id, talks.ASKED)):
            return False
        if talk.floor == OPEN_FLOOR:
            talk = replace(talk, floor=WANTED)
            talks.put(connection, talk, now)
        starts = datetime.fromtimestamp(talk.starts_at, UTC)
        until = search_ends(starts, one.settings.lead_days, announced=True).timestamp()
        course.ask(connection, talk, who, False, until, now)
        return True

    def _offer(self, connection: Connection, talk_id: str, person: str) -> Came:
        now = self.clock().timestamp()
        talk = talks.by_id(connection, talk_id)
        if talk is None or talk.state not in COMING or talk.starts_at <= now:
            return Came.OVER
        if talk.floor == FOUND and not is_speaker(connection, talk, person):
            return Came.OVER
        course.speaks(connection, talk, person, now)
        return Came.SPEAKS

    def _free(self, item: Item, among: Sequence[Series]) -> Talk | None:
        """The next one that nobody speaks at; with a date in the command, that of the date."""
        coming = self.finding.coming(among, self.clock(), slot_in(after_verb(item))[0])
        return next((one for one in coming if one.floor != FOUND), None)

    def _none_free(self, item: Item) -> Done:
        named = NAMES[KIND_OF[item.kind]]
        text = words("talk_none_to_speak", talk=named.talk, speaker=named.speaker, command=named.command)
        return Done(say=reply(item, in_markdown(text)))

    def _came(self, item: Item, came: Came, talk: Talk) -> Done:
        found = self.finding.talk(talk.id)
        if found is None:
            return Done(say=reply(item, in_markdown(words("speaker_over"))))
        page = self.presses.said(came, *found, item.person)
        return Done(say=reply(item, [page]), record=audited(came, item.person, talk))
