"""A fresh database, migrated; then what the server asks at its start."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))
from harness import Cluster  # noqa: E402 (after the line above)

cluster = Cluster("-start")
try:
    cluster.run("migrate")
    print(cluster.run("config", "check"))
finally:
    cluster.stop()
