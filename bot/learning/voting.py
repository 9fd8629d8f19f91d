"""The list of topics, and what is done about one: votes, offers to speak, withdrawing, merging."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from slack_bolt import App

from bot.blocks.pages import Page
from bot.blocks.topics import Topic, list_pages, merged_page
from bot.inbox import Inbox
from bot.journal import proposals, volunteers
from bot.journal.proposals import Ballot, Proposal
from bot.journal.records import Audit
from bot.journal.series import Series
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import TOPIC_STEP
from bot.learning.papers import check_of
from bot.learning.topic_experts import TopicExperts
from bot.learning.topics import Topics, named
from bot.listeners import topics as doors
from bot.messages import Kind, Message
from bot.pressing import alone, quietly, subject_of
from bot.replies import in_markdown, place_of, reply
from bot.rooms import Room
from knowledge.ports import Clock
from prompts.series import NAMES
from prompts.words import words

ENOUGH_TO_ASK = 2
"""With so many votes a topic for which nobody would speak yet has somebody asked who may know it."""


@dataclass(frozen=True, slots=True)
class Voting:
    """Works off TOPIC_STEP, for topics and papers alike. What is wanted is decided when it is pressed, so
    that doing it twice changes nothing. `experts` are sought for what more than one person votes for."""

    topics: Topics
    writer: JournalWriter
    clock: Clock
    experts: TopicExperts

    def join(self, room: Room) -> None:
        room.handlers[TOPIC_STEP] = self.step
        room.doors.append(self._register)

    def list_for(self, kind: str) -> Callable[[Item], Done]:
        """The command that lists what is proposed for the series of a kind: those of the channel, or where it
        has none all that the person may read."""

        def listed(item: Item) -> Done:
            said = self._pages(kind, item)
            if said is None:
                named_as = NAMES[kind]
                text = words("topic_no_series", series=named_as.series, command=named_as.command)
                return Done(say=reply(item, in_markdown(text)))
            pages, topics = said
            check = check_of(place_of(item), [each.paper for each in topics])
            return Done(say=reply(item, pages, check))

        return listed

    def step(self, item: Item) -> Done:
        """One press."""
        proposal_id, _, other = subject_of(item).partition(":")
        found = self.topics.found(proposal_id, item.person)
        if found is None:
            return Done(say=quietly(item, in_markdown(words("topic_gone"))))
        known, one = found
        match str(item.payload.get("step") or ""):
            case "vote":
                return self._vote(item, known, one)
            case "speak":
                return self._speak(item, known, one)
            case "withdraw":
                return self._withdraw(item, known, one)
            case "merge":
                return self._merge(item, known, other, one)
            case "unmerge":
                return self._unmerge(item, known, one)
            case _:
                return Done()

    def wanted(self, step: str, proposal_id: str, person: str) -> bool:
        """Whether a press of this person gives, rather than takes back what they have given."""
        with self.topics.database.reading() as connection:
            known = proposals.standing(connection, proposal_id)
            if known is None:
                return True
            given = proposals.voters if step == "vote" else volunteers.of_proposal
            return person not in given(connection, known.id)

    def _vote(self, item: Item, known: Proposal, one: Series) -> Done:
        give, now = bool(item.payload.get("give")), self.clock().timestamp()
        ballot = self.writer.write(
            lambda connection: proposals.vote(connection, known.id, item.person, give, now)
        )
        match ballot:
            case Ballot.GIVEN:
                self._seek_speaker(known)
                return self._done(item, known, one, "topic_voted")
            case Ballot.TAKEN_BACK:
                return self._done(item, known, one, "topic_vote_back")
            case Ballot.CLOSED:
                return self._closed(item, known, one)

    def _seek_speaker(self, known: Proposal) -> None:
        with self.topics.database.reading() as connection:
            votes = len(proposals.voters(connection, known.id))
        if votes >= ENOUGH_TO_ASK:
            self.experts.wanted(known)

    def _speak(self, item: Item, known: Proposal, one: Series) -> Done:
        give, now = bool(item.payload.get("give")), self.clock().timestamp()
        if known.state != proposals.OPEN:
            return self._closed(item, known, one)
        if give:
            self.writer.write(lambda connection: volunteers.offer(connection, known.id, item.person, now))
            return self._done(item, known, one, "topic_speaks")
        self.writer.write(lambda connection: volunteers.take_back(connection, known.id, item.person))
        return self._done(item, known, one, "topic_speaks_not")

    def _withdraw(self, item: Item, known: Proposal, one: Series) -> Done:
        audit = Audit(item.person, "withdraw topic", known.id)
        if item.person != known.proposer and not self.topics.looks_after(one, item.person):
            return self._refused(item, audit)
        now = self.clock().timestamp()
        with self.topics.database.reading() as connection:
            family = proposals.family(connection, known.id)[1:]
        done = self.writer.write(lambda connection: proposals.withdraw(connection, known.id, now))
        if not done and self._now(known).state != proposals.WITHDRAWN:
            return self._closed(item, known, one)
        freed = [self._card(each, one) for each in family]
        return replace(self._done(item, known, one, "topic_withdrawn", *filter(None, freed)), record=(audit,))

    def _merge(self, item: Item, known: Proposal, into: str, one: Series) -> Done:
        audit = Audit(item.person, "merge topics", f"{known.id} {into}")
        if item.person != known.proposer and not self.topics.looks_after(one, item.person):
            return self._refused(item, audit)
        now = self.clock().timestamp()
        self.writer.write(lambda connection: proposals.merge(connection, known.id, into, now))
        after = self._now(known)
        if after.state != proposals.MERGED or after.merged_into != into:
            return self._closed(item, known, one)
        with self.topics.database.reading() as connection:
            other = proposals.by_id(connection, into)
        title = "" if other is None else other.title
        told = merged_page(words("topic_merged", one=named(known.title), other=named(title)), known.id)
        cards = [
            self.topics.updated(after, one),
            *([] if other is None else [self.topics.updated(other, one)]),
        ]
        return Done(say=(*cards, *self._listed_again(item, one), *quietly(item, [told])), record=(audit,))

    def _unmerge(self, item: Item, known: Proposal, one: Series) -> Done:
        audit = Audit(item.person, "part topics", known.id)
        if item.person != known.proposer and not self.topics.looks_after(one, item.person):
            return self._refused(item, audit)
        into, now = known.merged_into, self.clock().timestamp()
        self.writer.write(lambda connection: proposals.unmerge(connection, known.id, now))
        if self._now(known).state != proposals.OPEN:
            return self._closed(item, known, one)
        other = self._card(into, one)
        done = self._done(item, known, one, "topic_parted", *([] if other is None else [other]))
        return replace(done, record=(audit,))

    # what is said

    def _done(self, item: Item, known: Proposal, one: Series, text: str, *more: Message) -> Done:
        """The card as it is now; the list where that was pressed, else a word to whoever pressed."""
        cards = (self.topics.updated(self._now(known), one), *more)
        again = self._listed_again(item, one)
        told = () if again else quietly(item, in_markdown(words(text, title=named(known.title))))
        return Done(say=(*cards, *again, *told))

    def _closed(self, item: Item, known: Proposal, one: Series) -> Done:
        now = self._now(known)
        with self.topics.database.reading() as connection:
            seen = self.topics.topic(connection, now, item.person)
        named_as = {"title": named(now.title), "state": _state_of(seen), "list": NAMES[one.kind].list}
        told = in_markdown(words("topic_closed", **named_as))
        return Done(say=(self.topics.updated(now, one), *quietly(item, told)))

    def _refused(self, item: Item, audit: Audit) -> Done:
        refused = replace(audit, allowed=False)
        return Done(say=quietly(item, in_markdown(words("topic_not_yours"))), record=(refused,))

    def _listed_again(self, item: Item, one: Series) -> tuple[Message, ...]:
        """The list as it is now, where it was in a list that something was pressed."""
        url = str(item.payload.get("response_url") or "")
        found = self._pages(one.kind, item) if item.payload.get("listed") and url else None
        if found is None or len(found[0]) > 1:
            return ()
        [page], topics = found
        check = check_of(alone(item.person), [each.paper for each in topics])
        made = Message(item.channel, page.text, Kind.RESPOND, page.blocks, person=item.person, check=check)
        return (replace(made, response_url=url, replace_original=True),)

    def _pages(self, kind: str, item: Item) -> tuple[list[Page], list[Topic]] | None:
        """The list, and what is in it; None where there is no series that this person may read."""
        found = self.topics.series_for(kind, item.person)
        here = [one for one in found if one.channel == item.channel]
        if not found:
            return None
        told = [
            (
                one.name,
                [self._offered(each, one, item.person) for each in self.topics.listed(one, item.person)],
            )
            for one in here or found
        ]
        none = words("topic_none", command=NAMES[kind].command).strip()
        return list_pages(told, none), [topic for _, topics in told for topic in topics]

    def _offered(self, topic: Topic, one: Series, person: str) -> Topic:
        """With what this person may do about it beyond voting."""
        open_ones = {each.id: each for each in self.topics.open_ones(one)}
        known = open_ones.get(topic.id)
        keeper = self.topics.looks_after(one, person)
        if known is None or not (keeper or known.proposer == person):
            return topic
        older = [
            each for each in open_ones.values() if (each.proposed_at, each.id) < (known.proposed_at, known.id)
        ]
        near = self.topics.nearest(known.title, older)
        return replace(topic, may_withdraw=True, near=None if near is None else (near.id, near.title))

    def _card(self, proposal_id: str, one: Series) -> Message | None:
        with self.topics.database.reading() as connection:
            known = proposals.by_id(connection, proposal_id)
        return None if known is None else self.topics.updated(known, one)

    def _now(self, known: Proposal) -> Proposal:
        with self.topics.database.reading() as connection:
            return proposals.by_id(connection, known.id) or known

    def _register(self, app: App, inbox: Inbox) -> None:
        doors.register(app, inbox, self.wanted)


def _state_of(topic: Topic) -> str:
    match topic.state:
        case proposals.CHOSEN:
            return f"it is chosen for {topic.when}" if topic.when else "it is chosen"
        case proposals.HELD:
            return f"it was talked about on {topic.when}" if topic.when else "it was talked about"
        case proposals.MERGED:
            return "it is a part of another topic"
        case _:
            return "it was withdrawn"
