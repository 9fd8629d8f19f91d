"""What all tests at real places share: the second environment, and one MLflow server."""

from collections.abc import Iterator

import pytest

from tests.places.tracking import PYTHON, Mlflow, mlflow_server


@pytest.fixture(scope="session")
def trackers() -> None:
    """The second environment, with the trackers' own packages."""
    if not PYTHON.exists():
        pytest.skip("there is no .venv-places: `make test-places` makes it")


@pytest.fixture(scope="session")
def mlflow(trackers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mlflow]:
    """A server that runs until the last test."""
    with mlflow_server(tmp_path_factory.mktemp("mlflow")) as server:
        yield server
