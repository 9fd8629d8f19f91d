"""A sync that is killed anywhere leaves the old or the new version, and the next one finishes the work."""

from pathlib import Path

from tests.torture.syncs import Death, Nursery, kill_syncs, team_at


def test_in_26_a_sync_killed_at_any_step_leaves_the_old_or_the_new_version(tmp_path: Path) -> None:
    tally = kill_syncs(tmp_path, kills=24, indexed=False)
    assert tally.killed >= 24
    assert tally.old
    assert tally.new


def test_in_26_an_index_whose_builder_is_killed_always_opens(tmp_path: Path) -> None:
    tally = kill_syncs(tmp_path, kills=2, indexed=True, seed=3, longest=2.0)
    assert tally.killed >= 2


def test_in_26_what_was_fetched_before_a_kill_is_not_fetched_again(tmp_path: Path) -> None:
    data, turn = tmp_path / "data", 2
    team = team_at(data, turn, indexed=False)
    assert team.remote == {"wiki"}
    with Nursery() as nursery:
        assert nursery.sync(data, turn, False, Death("fetch", 6))
        assert nursery.sync(data, turn, False, Death("write text"))
    team.sync()
    assert team.loads == len(team.pages["lab"]), "all of the wiki was staged; what is on this machine was not"
    assert {one.split("/")[0] for one in team.seen()} == {"wiki", "lab"}
