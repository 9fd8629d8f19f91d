"""Charts of text: as wide as they may be, longest for the largest, whatever is in them."""

from hypothesis import given
from hypothesis import strategies as st

from prompts.bars import LONGEST_LABEL, WIDTH, Bar, chart

labels = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
bars = st.builds(Bar, labels, st.one_of(st.none(), st.floats()))


def test_a_chart() -> None:
    drawn = chart([Bar("baseline", 2.0, "2.0"), Bar("wide", 4.0, "4.0"), Bar("failed", None, "no value")])
    assert drawn.split("\n") == [
        f"baseline {'█' * 8}{' ' * 8} 2.0",
        f"wide     {'█' * 16} 4.0",
        f"failed   {' ' * 16} no value",
    ]
    assert chart([]) == ""


@given(st.lists(bars, max_size=6))
def test_every_bar_has_one_line_no_longer_than_there_is_room(some: list[Bar]) -> None:
    lines = chart(some).split("\n") if some else []
    assert len(lines) == len(some)
    assert all(len(line) <= LONGEST_LABEL + 1 + WIDTH + 1 for line in lines)
