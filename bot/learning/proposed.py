"""Proposals, votes, experts and gaps, put together and joined to the room of lunch-and-learns."""

from bot.learning.channel_knowledge import ChannelKnowledge
from bot.learning.gaps import Gaps
from bot.learning.papers import Papers
from bot.learning.proposing import Proposing
from bot.learning.topic_experts import TopicExperts
from bot.learning.topics import Topics
from bot.learning.voting import Voting
from bot.notices import Notices
from bot.rituals.parts import Given
from bot.rooms import Room
from prompts.series import LEARNING

TOPICS = "topics"


def let_propose(room: Room, notices: Notices, given: Given) -> None:
    """Have topics proposed and voted for. The buttons serve the papers of reading groups, too, which
    `voting(…).list_for(READING)` lists."""
    votes = voting(notices, given)
    topics, experts = votes.topics, votes.experts
    Proposing(given.client, given.identity.me, topics, given.writer, room.clock).join(room)
    experts.join(room)
    votes.join(room)
    Gaps(topics, experts, given.writer).join(room)
    room.commands[TOPICS] = votes.list_for(LEARNING)


def voting(notices: Notices, given: Given) -> Voting:
    """What lists proposals and works off votes."""
    availability = notices.availability
    people, database = availability.people, notices.database
    topics = Topics(people, database, given.embedder, Papers(people, given.store, database))
    knowledge = ChannelKnowledge(people, given.store, given.answers)
    experts = TopicExperts(topics, notices, given.writer, knowledge, given.trust.experts)
    return Voting(topics, given.writer, availability.clock, experts)
