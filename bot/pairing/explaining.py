"""`/pair why`: why somebody was paired with whom, or with nobody, as far as it is theirs to know."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.blocks.pairing import why_pages
from bot.journal import pairing_rounds
from bot.journal.pairing import DROPPED, LEFT, PAUSED, Member, Pairing
from bot.journal.pairing_rounds import ALONE, MATCHED, Round, Together
from bot.journal.work import Done, Item
from bot.pairing.sight import Sight
from bot.replies import reply, say
from bot.rooms import Room
from prompts.calm import in_words
from prompts.words import words


@dataclass(frozen=True, slots=True)
class Explaining:
    """Tells people about their own part alone. Who is kept apart from whom is no reason that is ever told:
    that nobody was left is all that there is to say."""

    sight: Sight

    def join(self, room: Room) -> None:
        room.commands["why"] = self.why

    def why(self, item: Item) -> Done:
        parts = self.sight.parts(item.person)
        lines = [
            " ".join([f"{self.sight.title(one)}:", *self._of(one, parts[one.id], item.person)])
            for one in self.sight.visible(item.person)
            if one.id in parts
        ]
        return Done(say=reply(item, why_pages(lines)) if lines else say(item, "pair_not_in"))

    def _of(self, one: Pairing, mine: Member, person: str) -> Iterator[str]:
        with self.sight.database.reading() as connection:
            rounds = pairing_rounds.newest(connection, one.id)
            last = rounds[0] if rounds else None
            pairs = [] if last is None else pairing_rounds.pairs_of(connection, last.id)
            memory = None if last is None else pairing_rounds.memory(connection, one.id, last.number)
        today = self.sight.now().astimezone(one.clock).date()
        if last is not None and memory is not None:
            theirs = next((each for each in reversed(pairs) if _is_in(each, person)), None)
            met = {next(iter(pair - {person})): ago for pair, ago in memory.met.items() if person in pair}
            yield from self._last(one, last, theirs, met, person)
        if mine.state == LEFT:
            yield words("pair_why_left")
        elif mine.state == DROPPED:
            yield words("pair_why_dropped")
        elif mine.snoozed_until is not None and mine.snoozed_until > today:
            yield words("pair_why_snoozed", until=in_words(mine.snoozed_until))
        elif one.state == PAUSED:
            yield words("pair_why_paused")
        elif coming := self.sight.coming(one):
            yield words("pair_next_round", when=coming)

    def _last(
        self, one: Pairing, last: Round, theirs: Together | None, met: dict[str, int], person: str
    ) -> Iterator[str]:
        """About the last round that was made."""
        day = in_words(last.slot)
        if theirs is None:
            yield words("pair_why_not_in_it", day=day)
        elif last.starts_at > self.sight.now().timestamp() or theirs.state == MATCHED:
            at = datetime.fromtimestamp(last.starts_at, one.clock)
            yield words("pair_why_coming", when=f"{in_words(at.date())} at {at:%H:%M} ({one.zone})")
        elif theirs.state == ALONE:
            yield words("pair_why_alone", day=day)
        else:
            for other in (each for each in theirs.people if each != person):
                who, ago = self.sight.people.name_of(other), met.get(other)
                if ago is None:
                    yield words("pair_why_first", day=day, who=who)
                else:
                    rounds = "1 round" if ago == 1 else f"{ago} rounds"
                    yield words("pair_why_again", day=day, who=who, rounds=rounds)


def _is_in(pair: Together, person: str) -> bool:
    return person in pair.people and pair.state != pairing_rounds.DISSOLVED
