"""Proposals, votes, experts and gaps, put together and joined to the room of lunch-and-learns."""

from bot.learning.channel_knowledge import ChannelKnowledge
from bot.learning.gaps import Gaps
from bot.learning.proposing import Proposing
from bot.learning.topic_experts import TopicExperts
from bot.learning.topics import Topics
from bot.learning.voting import Voting
from bot.notices import Notices
from bot.rituals.parts import Given
from bot.rooms import Room
from prompts.series import LEARNING

TOPICS = "topics"


def let_propose(room: Room, notices: Notices, given: Given) -> Voting:
    """Have topics proposed and voted for; what comes back lists, for a reading group too, what there is."""
    people, clock = room.people, room.clock
    topics = Topics(people, room.database, given.embedder)
    knowledge = ChannelKnowledge(people, given.store, given.answers)
    experts = TopicExperts(topics, notices, given.writer, knowledge, given.trust.experts)
    voting = Voting(topics, given.writer, clock, experts.wanted)
    Proposing(given.client, given.identity.me, topics, given.writer, clock).join(room)
    experts.join(room)
    voting.join(room)
    Gaps(topics, notices.availability, experts, knowledge, given.writer).join(room)
    room.commands[TOPICS] = voting.list_for(LEARNING)
    return voting
