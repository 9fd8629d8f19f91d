"""Every section that a digest can have, in the order in which they are read."""

from collections.abc import Sequence

from bot.digests.answers_worth import AnswersWorth
from bot.digests.coming_talks import ComingTalks
from bot.digests.failing_sources import FailingSources, for_admins
from bot.digests.gap_report import GapReport
from bot.digests.knowledge_news import KnowledgeNews
from bot.digests.open_blockers import OpenBlockers
from bot.digests.open_questions import OpenQuestions
from bot.digests.run_results import RunResults
from bot.digests.sections import Section
from bot.digests.sight import Sight
from bot.likeness import measure_with
from bot.rituals.availability import Availability
from bot.rituals.blocker_sight import Sight as BlockerSight
from bot.rituals.parts import Given
from bot.statistics import Statistics


def contents(given: Given, availability: Availability) -> Sequence[Section]:
    """The sections, over the rest of Lore."""
    people, database, clock = availability.people, availability.database, availability.clock
    sight, experts = Sight(people, given.store), given.trust.experts
    statistics = Statistics(people, given.store, database, clock, given.leads)
    gaps = GapReport(statistics, sight, experts, given.answers, given.embedder)
    knowledge = KnowledgeNews(database, given.store)
    answers = AnswersWorth(database, sight)
    questions = OpenQuestions(database, sight, experts, measure_with(given.embedder))
    runs = RunResults(database, sight)
    talks = ComingTalks(database, sight)
    blockers = OpenBlockers(database, BlockerSight(people, clock))
    failing = FailingSources(given.cards.all)
    return (
        Section("knowledge", "New and changed knowledge", knowledge.build),
        Section("answers", "Answers worth knowing", answers.build),
        Section("questions", "Questions still open", questions.build),
        Section("runs", "Runs", runs.build),
        Section("talks", "Talks and reading groups", talks.build),
        Section("blockers", "Blockers still open", blockers.build),
        Section("gaps", "Gaps: what nothing answers", gaps.build, offered=gaps.offered),
        Section("sources", "Sources that fail", failing.build, offered=for_admins),
    )
