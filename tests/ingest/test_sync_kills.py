"""A sync that is killed anywhere leaves the old or the new version, and the next one finishes the work."""

from pathlib import Path

from tests.torture.syncs import kill_syncs


def test_a_sync_killed_at_any_step_leaves_the_old_or_the_new_version(tmp_path: Path) -> None:
    tally = kill_syncs(tmp_path, kills=24, indexed=False)
    assert tally.killed >= 24
    assert tally.old
    assert tally.new


def test_an_index_whose_builder_is_killed_always_opens(tmp_path: Path) -> None:
    tally = kill_syncs(tmp_path, kills=2, indexed=True, seed=3, longest=2.0)
    assert tally.killed >= 2
