"""`/lore bench`: the golden questions asked of two versions, or in two ways, side by side; for admins."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.benching import Bench, Comparison, Way, fusing_from
from bot.blocks.comparisons import comparison_pages
from bot.journal.records import Audit
from bot.journal.work import Done, Item
from bot.people import People
from bot.replies import reply, say
from knowledge.errors import LoreError, SettingsError
from knowledge.golden import GoldenQuestion

COMPARE = "compare versions"
_VERSION = re.compile(r"v?([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Golden:
    """What is asked, as lore.toml has it now, and what asks it."""

    bench: Bench
    questions: Callable[[], Sequence[GoldenQuestion]]


@dataclass(frozen=True, slots=True)
class Comparing:
    """Works off the kind BENCH. Without words the published version is compared with the one before it."""

    people: People
    golden: Golden | None

    def handle(self, item: Item) -> Done:
        if not self.people.is_admin(item.person):
            refused = Audit(item.person, COMPARE, allowed=False)
            return Done(say=say(item, "sources_admins_only"), record=(refused,))
        if self.golden is None:
            return Done(say=say(item, "no_golden_questions"))
        try:
            compared = self._compared(self.golden, item.text.split()[1:])
        except LoreError as error:
            return Done(say=say(item, "not_compared", reason=str(error)))
        if compared is None:
            return Done(say=say(item, "no_golden_questions"))
        subject = f"{compared.first.in_words()} / {compared.second.in_words()}"
        return Done(
            say=reply(item, comparison_pages(compared)), record=(Audit(item.person, COMPARE, subject),)
        )

    def _compared(self, golden: Golden, asked: Sequence[str]) -> Comparison | None:
        """None where there are no golden questions. Raises LoreError."""
        questions = golden.questions()
        if not questions:
            return None
        versions = [int(found[1]) for one in asked if (found := _VERSION.fullmatch(one))]
        fusing = fusing_from([one for one in asked if not _VERSION.fullmatch(one)])
        if len(versions) > 2:
            raise SettingsError("two versions can be compared, not more")
        if not asked:
            versions = golden.bench.newest_two()
        first = Way(versions[0] if versions else None)
        second = Way(versions[1] if len(versions) > 1 else None, fusing)
        if len(versions) == 1 and len(asked) > 1:
            second = Way(versions[0], fusing)
        return golden.bench.compare(questions, first, second)
