"""What people who are introduced may talk about first."""

from prompts.pairing import PairingKind
from prompts.starters import Work, starter

RESTORE = Work("wiki/restore", "Restore drill of checkpoints")
SWEEP = Work("runs/7", "checkpoint-interval-sweep", ran=True)
LUNCH = Work("wiki/lunch", "Where to have lunch")


def test_what_two_works_have_in_common_comes_first() -> None:
    made = starter(PairingKind.COFFEE, {"Ana": (LUNCH, RESTORE), "Ben": (SWEEP,), "Chloe": ()}, 1)
    assert made.text == (
        "Ana looks after “Restore drill of checkpoints”, and Ben ran “checkpoint-interval-sweep”: "
        "that sounds related."
    )
    assert made.document_ids == ("wiki/restore", "runs/7")


def test_else_the_newest_of_each_and_else_a_question_another_one_each_round() -> None:
    made = starter(PairingKind.COFFEE, {"Ana": (LUNCH,), "Ben": ()}, 1)
    assert made.text == "Ana looks after “Where to have lunch”. Ask each other about it."
    assert made.document_ids == ("wiki/lunch",)
    for kind in PairingKind:
        asked = [starter(kind, {"Ana": (), "Ben": ()}, number) for number in range(5)]
        assert len({one.text for one in asked}) == 5
        assert all(one.document_ids == () and one.text for one in asked)


def test_one_document_of_both_is_no_common_ground_with_itself() -> None:
    made = starter(PairingKind.MODELLING, {"Ana": (RESTORE,), "Ben": (RESTORE,)}, 1)
    assert "sounds related" not in made.text
