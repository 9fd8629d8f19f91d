"""How well plain summaries put together what belongs together, and find what speaks of a risk."""

from collections.abc import Sequence
from itertools import combinations

from knowledge.adapters.embedding import PACKAGED, SentenceTransformerEmbedder
from prompts.plain_summary import is_a_risk
from prompts.themes import Alike, Measure, by_shared_terms, by_words_and, themes
from tests.bench.standups import STANDUPS, read

LEVELS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)


def main() -> None:
    model = SentenceTransformerEmbedder(PACKAGED, allow_download=False)

    def by_vectors(texts: Sequence[str]) -> Sequence[Sequence[float]]:
        vectors = model.embed(texts)
        found: Sequence[Sequence[float]] = (vectors @ vectors.T).tolist()
        return found

    print("pairs that belong together, and were put together (F1, precision, recall):")
    ways: dict[str, Alike] = {
        "words": by_shared_terms,
        "vectors": by_vectors,
        "both": by_words_and(by_vectors).alike,
    }
    for name, alike in ways.items():
        for enough in LEVELS:
            f1, precision, recall = scores(alike, enough)
            print(
                f"  {name:8} from {enough:.2f}: F1 {f1:.2f}  precision {precision:.2f}  recall {recall:.2f}"
            )
    lines = [line for standup in STANDUPS for line in read(standup)]
    found = [one for one in lines if is_a_risk(one[2])]
    right = [one for one in found if one[1]]
    risks = [one for one in lines if one[1]]
    print(
        f"risks: {len(right)} of {len(risks)} found, {len(found) - len(right)} of {len(lines)} taken for one"
    )


def scores(alike: Alike, enough: float) -> tuple[float, float, float]:
    """Over all pairs of lines within a stand-up."""
    right = made = wanted = 0
    for standup in STANDUPS:
        lines = read(standup)
        group = {}
        for number, theme in enumerate(themes([text for _, _, text in lines], Measure(alike, enough))):
            group |= dict.fromkeys(theme.places, number)
        for one, other in combinations(range(len(lines)), 2):
            together = group.get(one) is not None and group.get(one) == group.get(other)
            belongs = bool(lines[one][0]) and lines[one][0] == lines[other][0]
            made += together
            wanted += belongs
            right += together and belongs
    precision, recall = right / (made or 1), right / wanted
    return 2 * right / ((made + wanted) or 1), precision, recall
