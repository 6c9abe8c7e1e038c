"""deploy/: alert rules, dashboard, units and manifests, held against the real server."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))

from site_load import Site  # noqa: E402


@pytest.fixture(scope="session")
def site():
    with Site("deploy") as site:
        yield site
