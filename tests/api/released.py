"""The database of the last release, with rows: what each later migration is tried on.

`make released` writes it, and with it the list of the released migrations, which may not change any
more from then on (tests/check/migrations.py).
"""

import subprocess
import sys

from filled import fill
from harness import ROOT, Cluster
from migration_trial import migrations
from recorder import Contract

FOLDER = ROOT / "internal/store/migrations"
DUMP = ROOT / "tests/api/released.dump"


def released(folder=FOLDER):
    return migrations.released(folder)


def later(folder=FOLDER):
    """The migrations that no release holds yet, in order; none before the first release."""
    frozen = released(folder)
    return [path for path in sorted(folder.glob("*.sql")) if frozen and path.name not in frozen]


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-3000:]}")


def write(cluster, folder=FOLDER, dump=DUMP):
    """Dumps the cluster's database and lists the folder's migrations as released."""
    run("pg_dump", "--format=custom", "--compress=9", "--no-owner", "--no-comments",
        "--file", dump, "--dbname", cluster.dsn("atbalsts_owner"))
    (folder / migrations.RELEASED).write_text("".join(
        f"{migrations.checksum(path)}  {path.name}\n" for path in sorted(folder.glob("*.sql"))))


def restore(dsn, dump=DUMP):
    """Into an empty database; pg_restore ends at the first error."""
    run("pg_restore", "--exit-on-error", "--no-owner", "--no-comments", "--dbname", dsn, dump)


def main():
    bad = migrations.check_folder(FOLDER)
    if bad:
        print(*bad, sep="\n")
        return 1
    cluster = Cluster(name="released")
    try:
        fill(cluster, Contract.load())
        write(cluster)
    finally:
        cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
