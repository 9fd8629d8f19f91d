"""Messages look as they did when somebody last looked at them."""

import pytest

from tests.golden.pages import CASES, FOLDER, rendered


@pytest.mark.parametrize("name", sorted(CASES))
def test_it_looks_as_it_did(name: str) -> None:
    assert rendered(name) == (FOLDER / f"{name}.json").read_text(encoding="utf-8")
