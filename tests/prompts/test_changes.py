"""What changed in a page: sentences added, removed, reworded; several changes told as one."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from prompts.changes import Difference, Reworded, Said, difference, headings, joined, sentences
from prompts.digest import told_of_change, told_of_new

PAGE = """# Checkpoints

Some words before.

## Retention
The trainer keeps the last three checkpoints. Older ones are deleted each night.

```
## not a heading
```

## Restore drill
- It took 41 minutes.
"""

lines = st.lists(
    st.sampled_from(["Herons fish.", "Herons sleep at night.", "The drill took 41 minutes.", "Gulls do."]),
    max_size=5,
)


def page(some: list[str]) -> list[Said]:
    return sentences("\n\n".join(some))


def test_a_page_is_read_by_its_headings() -> None:
    assert headings(PAGE) == ["Checkpoints", "Retention", "Restore drill"]
    assert sentences(PAGE)[-1] == Said("Restore drill", "It took 41 minutes.")
    assert Said("Retention", "code: ## not a heading") in sentences(PAGE)


def test_what_is_new_gone_and_reworded() -> None:
    now = PAGE.replace("three", "five").replace("- It took 41 minutes.\n", "") + "\n## Owners\nAsk Ana.\n"
    found = difference(sentences(PAGE), sentences(now))
    was = "The trainer keeps the last three checkpoints."
    assert found.reworded == (Reworded("Retention", was.replace("three", "five"), was),)
    assert found.added == (Said("Owners", "Ask Ana."),)
    assert found.removed == (Said("Restore drill", "It took 41 minutes."),)
    told = told_of_change(found)
    assert told.words == "sentences: 1 changed, 1 new and 1 gone"
    assert told.details[0] == f"Retention: {was.replace('three', 'five')} (was: {was})"
    assert told.details[2] == "Restore drill: no longer: It took 41 minutes."


def test_what_only_moved_or_was_laid_out_anew_is_no_change() -> None:
    drill = "## Restore drill\n- It took 41 minutes.\n"
    moved = f"# Checkpoints\n\n{drill.replace('- It took', '* It  took')}" + PAGE.split("# Checkpoints\n")[1]
    moved = moved.replace(drill, "")
    assert difference(sentences(PAGE), sentences(moved)).empty


def test_a_new_page_is_told_by_its_headings_and_its_first_words() -> None:
    told = told_of_new("Checkpoints", sentences(PAGE))
    assert told.words == "new, with “Retention” and “Restore drill”"
    assert told.details == ("Some words before.",)


def test_words_that_may_be_taken_back_are_kept_as_traces_and_shown_only_while_they_stand() -> None:
    found = difference(sentences("Herons fish."), sentences("Herons fish at dawn. Iris is hired."))
    kept = Difference.from_json(found.without_words().to_json())
    assert "Iris" not in str(kept.to_json())
    assert "Herons" not in str(kept.to_json())
    shown = joined([kept.found_in(now := sentences("Herons fish at dawn."))], now)
    assert shown == Difference(added=(Said("", "Herons fish at dawn."),))


@given(lines, lines)
def test_what_is_not_added_was_there_and_what_is_not_removed_stays(one: list[str], other: list[str]) -> None:
    found = difference(page(one), page(other))
    gone = [each.text for each in found.removed] + [each.was for each in found.reworded]
    come = [each.text for each in found.added] + [each.text for each in found.reworded]
    assert ({*one} | {*come}) - {*gone} == {*other}
    assert found.empty == ({*one} == {*other})
    assert Difference.from_json(found.to_json()) == found


@given(st.lists(lines, min_size=2, max_size=5))
def test_several_changes_are_one_and_what_came_back_is_none(pages: list[list[str]]) -> None:
    steps = [difference(page(one), page(other)) for one, other in pairwise(pages)]
    told = joined(steps, page(pages[-1]))
    now = {one.casefold() for one in pages[-1]}
    assert all(each.text.casefold() in now for each in (*told.added, *told.reworded))
    assert not any(each.text.casefold() in now for each in told.removed)
    assert not any(each.was.casefold() in now for each in told.reworded)
    first = {one.casefold() for one in pages[0]}
    assert not any(each.text.casefold() in first for each in (*told.added, *told.reworded))
    gone = [*(each.text for each in told.removed), *(each.was for each in told.reworded)]
    assert all(one.casefold() in first for one in gone), "what came and went is no news"
    if len(pages) == 2 and len(set(pages[0])) == len(pages[0]) and len(set(pages[1])) == len(pages[1]):
        assert told == steps[0]
