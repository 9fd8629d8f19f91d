"""How long finding takes: a question to ranked passages, over the pages of a real team."""

import time
from pathlib import Path

from bot.evaluating import EVERYONE_READS, synced
from knowledge.adapters.eval_set import EvalSet, read_eval_set
from knowledge.answering import PASSAGES
from knowledge.evaluation import percentile

TEAM = Path(__file__).parents[3] / "shared" / "data" / "team" / "eval"


def main() -> None:
    if not TEAM.is_dir():
        print("skipped: ../shared/data is not here")
        return
    given = read_eval_set(TEAM)
    with synced(given) as (knowledge, report):
        searched = knowledge.store.searched(report.version, EVERYONE_READS)
        print(f"{searched.documents} documents, {searched.chunks} chunks synced in {report.seconds:.0f} s")
        retriever = knowledge.retriever()
        _print("first time", _times(retriever.retrieve, given))
        _print("asked again", _times(retriever.retrieve, given))
        _print(
            "answered, without a model",
            _times(lambda text, who, _: knowledge.answerer.answer(text, who), given),
        )


def _times(ask, given: EvalSet) -> list[float]:  # type: ignore[no-untyped-def]
    times = []
    for question in given.questions:
        started = time.perf_counter()
        ask(question.text, EVERYONE_READS, PASSAGES)
        times.append((time.perf_counter() - started) * 1000)
    return times


def _print(name: str, times: list[float]) -> None:
    print(f"{name}: p50 {percentile(times, 0.5):.1f} ms, p95 {percentile(times, 0.95):.1f} ms", flush=True)


if __name__ == "__main__":
    main()
