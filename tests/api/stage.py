"""One transaction that is undone: the owner sets the scene, then the API's role acts in it.

The role acts under the settings that the service sets for a caller, so each condition of a function
can be broken alone, also those that the service itself never lets happen.
"""

import dataclasses
import typing

import psycopg
import pytest

from harness import PROVIDERS

ROLE = "SET LOCAL SESSION AUTHORIZATION atbalsts_api"
SESSION = "SELECT id::text FROM sessions WHERE user_id = %s AND ended_at IS NULL LIMIT 1"


@dataclasses.dataclass
class Law:
    """What a function does for the right user at the right time, and what keeps it from that.

    by: the caller in the scene; settings: where they differ from that caller's. prepare: SQL of the
    owner, before. act: SQL of the API's role. probe: SQL of the owner that finds a row when the act
    was done; without one, the act itself answers with a row that is not null or false. wrong: by
    its words, what is different: settings (a dict), SQL of the owner, or Refused(either, what is
    raised or answered).
    """

    function: str
    by: str
    act: str
    probe: str = ""
    prepare: tuple = ()
    settings: dict = dataclasses.field(default_factory=dict)
    wrong: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Refused:
    """The change, and the constraint, SQLSTATE or answer by which the act is refused."""

    change: typing.Any
    told: str


class Stage:
    def __init__(self, connection, ids, callers):
        self.connection, self.ids, self.callers = connection, ids, callers

    def owner(self, statement):
        """Without triggers: what is set here is only set."""
        self.connection.execute("RESET SESSION AUTHORIZATION")
        self.connection.execute("SET LOCAL session_replication_role = replica")
        rows = self.ask(statement)
        self.connection.execute("SET LOCAL session_replication_role = origin")
        return rows

    def ask(self, statement):
        cursor = self.connection.execute(statement, self.ids)
        return cursor.fetchall() if cursor.description else []

    def settings(self, caller):
        account = caller.account
        (session,) = self.connection.execute(SESSION, [account.id]).fetchone()
        return {"actor": "user", "user_id": account.id, "role": account.role,
                "provider_id": PROVIDERS.get(account.provider, ""), "session_id": session,
                "purpose": "care", "request_id": "stage"}

    def act(self, settings, statement):
        """The rows that it answers."""
        self.connection.execute("RESET SESSION AUTHORIZATION")
        self.connection.execute(ROLE)
        for name, value in settings.items():
            self.connection.execute("SELECT set_config(%s, %s, true)",
                                    [f"app.{name}", self.ids.get(value, value)])
        return self.ask(statement)

    def play(self, law, change=None):
        """(whether the act was done, the constraint or SQLSTATE that was raised, what was told)."""
        settings = self.settings(self.callers[law.by]) | law.settings
        for statement in law.prepare:
            self.owner(statement)
        if isinstance(change, str):
            self.owner(change)
        try:
            with self.connection.transaction():
                rows = self.act(settings | (change if isinstance(change, dict) else {}),
                                law.act)
                self.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as error:
            return False, error.diag.constraint_name or error.sqlstate, None
        told = rows[0][0] if rows else None
        done = bool(self.owner(law.probe)) if law.probe else told not in (None, False)
        return done, None, told


def plays(laws):
    """(law, why, change) of each right and each wrong."""
    for law in laws:
        for why, change in ({"right": None} | law.wrong).items():
            yield pytest.param(law, why, change, id=f"{law.function}, {why}")


def judge(stage, law, why, change):
    """Fails unless the right act is done, and the wrong one is not and says what is expected."""
    expected = change.told if isinstance(change, Refused) else None
    done, raised, told = stage.play(law, change.change if expected else change)
    if why == "right":
        assert done, f"{law.function} is not done at the right time: {raised or told}"
        return
    assert not done, f"{law.function} is done though: {why}"
    if expected:
        assert expected in (raised, told), f"{law.function} tells {raised or told}: {why}"
    else:
        assert raised is None, f"{law.function} raises {raised}: {why}"
