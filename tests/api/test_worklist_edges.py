"""Every kind of work list item: the first day on which it is told and the day before, the last day
and the day after, and what keeps it off the list; for each role that sees it.

The rows are set in a transaction that is undone (stage.py): no other test sees them.
"""

import dataclasses
import typing

import pytest

from stage import Stage

OF_CASE = "id, provider_id, client_id, case_id, key_id"
THIS_CASE = ("SELECT {}, c.provider_id, c.client_id, c.id, c.key_id{} FROM cases c"
             " WHERE c.id = %(case)s")
PROVIDER_ROLES = ("manager", "worker", "specialist")
# Long overdue: most kinds stay on the list until somebody has done them.
LONG_AGO = -400


def insert(table, row="%(new)s", **values):
    """A row of the case, by SQL expressions."""
    return (f"INSERT INTO {table} ({OF_CASE}{''.join(f', {name}' for name in values)}) "
            + THIS_CASE.format(row, "".join(f", {value}" for value in values.values())))


def case_is(status, start="riga_today() - 100", end="riga_today() + 100"):
    closed = ", closed_on = riga_today(), close_reason = 'other'" if status == "closed" else ""
    return (f"UPDATE cases SET status = '{status}', course_start = {start}, course_end = {end}"
            f"{closed} WHERE id = %(case)s")


@dataclasses.dataclass
class Kind:
    """place: SQL that makes it due so many days from today ({}). told, untold: such days. still:
    what changes nothing. off: what takes it from the list. roles: who sees it."""

    place: tuple
    told: tuple
    untold: tuple
    off: dict
    still: dict = dataclasses.field(default_factory=dict)
    roles: tuple = PROVIDER_ROLES
    due: typing.Optional[str] = "riga_today() + {}"


def plan(status, row="%(new)s", number=7, activated="riga_today() - 30"):
    completed = {"completed_on": "riga_today()"} if status == "completed" else {}
    return insert("plans", row, number=str(number), status=f"'{status}'", drawn_on="riga_today()",
                  starts_on="riga_today()", ends_on="riga_today()", agreed_on="riga_today()",
                  activated_on=f"({activated})::date", **completed)


def is_plan(status):
    more = ", completed_on = riga_today()" if status == "completed" else ""
    return f"UPDATE plans SET status = '{status}'{more} WHERE id = %(new)s"


def evaluation(evaluated, following="NULL"):
    return insert("plan_evaluations", "gen_random_uuid()", plan_id="%(new)s",
                  evaluated_on=f"({evaluated})::date", next_due_on=f"({following})::date",
                  progress="'good'")


def power(until, row="%(new)s", revoked="NULL"):
    return insert("powers_of_attorney", row, scope="'\\x00'::bytea", given_by="'client'",
                  granted_on="riga_today() - 900", valid_until=f"({until})::date",
                  revoked_on=f"({revoked})::date")


OVER = {status: case_is(status) for status in ("closed", "withdrawn")}
NOT_IN_COURSE = {status: case_is(status) for status in ("granted", "aftercare", "closed")}
YEARS = ("INSERT INTO limit_usages (id, limit_id, holder_id, provider_id, client_id, period,"
         " amount, used, enforcement, own) SELECT %(new)s, l.counter_id, c.client_id,"
         " c.provider_id, c.client_id, extract(year FROM riga_today())::text, l.amount, 7200,"
         " 'block', true FROM cases c JOIN limits l ON l.ruleset_id = c.ruleset_id"
         " AND l.code = 'criminal_support_minutes' WHERE c.id = %(case)s")
YEAR = "UPDATE limit_usages SET {} WHERE id = %(new)s"

KINDS = {
    "plan_due": Kind(
        (case_is("in_course", start="riga_today() - 14 + {0}"),), (14, 0, -1, -50), (15,),
        NOT_IN_COURSE | {
            "the course ended yesterday": case_is("in_course", "riga_today() - 10",
                                                  "riga_today() - 1"),
            "a plan is active": plan("active"), "a plan is completed": plan("completed")},
        {"a plan is drafted": plan("draft"), "a plan is agreed": plan("agreed"),
         "a plan is replaced": plan("replaced"), "the course is suspended":
         "UPDATE cases SET status = 'suspended' WHERE id = %(case)s",
         "the course ends today": "UPDATE cases SET course_end = riga_today()"
                                  " WHERE id = %(case)s"}),
    "evaluation_due": Kind(
        (case_is("in_course"), plan("active", activated="riga_today() - 30 + {0}")),
        (7, 0, -1, LONG_AGO), (8,), NOT_IN_COURSE | {
            "the course ended yesterday": case_is("in_course", end="riga_today() - 1"),
            "the plan is agreed": is_plan("agreed"), "the plan is completed": is_plan("completed"),
            "the plan is replaced": is_plan("replaced"),
            "it was done": evaluation("riga_today()"),
            "the next one is later": evaluation("riga_today() - 60", "riga_today() + 8")},
        {"the course is suspended": "UPDATE cases SET status = 'suspended' WHERE id = %(case)s",
         "the course ends today": "UPDATE cases SET course_end = riga_today()"
                                  " WHERE id = %(case)s"}),
    "decision_due": Kind(
        (case_is("awaiting_decision", "NULL", "NULL"),
         "UPDATE case_transitions SET happened_on = riga_today() - 10 + {0} WHERE \"to\" ="
         " 'awaiting_decision' AND case_id = %(case)s"), (10, 0, -1, LONG_AGO), (), {
            status: case_is(status, "NULL", "NULL") for status in
            ("applied", "under_assessment", "granted", "refused", "withdrawn", "closed")},
        {"the papers went back before": "INSERT INTO case_transitions (" + OF_CASE + ", created_at,"
         " \"from\", \"to\", happened_on) " + THIS_CASE.format(
             "%(new)s", ", '2001-01-01'::timestamptz, 'under_assessment', 'awaiting_decision',"
             " '2001-01-01'::date")}, (*PROVIDER_ROLES, "agency")),
    "aftercare_closing": Kind(
        (case_is("aftercare", "NULL", "riga_today() - 700"),
         "INSERT INTO worklist_settings (id, provider_id, kind, days) SELECT %(new)s, provider_id,"
         " 'aftercare_closing', (course_end + interval '24 months')::date - riga_today() + 60 - {0}"
         " FROM cases WHERE id = %(case)s"), (60, 59), (61,), {
            status: case_is(status, "NULL", "riga_today() - 700")
            for status in ("granted", "closed", "withdrawn")}, due=None),
    "course_ending": Kind(
        (case_is("in_course", end="riga_today() + {0}"),), (14, 0, -1), (15,), NOT_IN_COURSE,
        {"the course is suspended": "UPDATE cases SET status = 'suspended' WHERE id = %(case)s"}),
    "year_limit": Kind(
        (case_is("aftercare"), YEARS), (0,), (), OVER | {
            "a minute less is used": YEAR.format("used = 7199"),
            "it was last year": YEAR.format(
                "period = (extract(year FROM riga_today()) - 1)::text"),
            "it is the next year's": YEAR.format(
                "period = (extract(year FROM riga_today()) + 1)::text"),
            "it is the whole person's": YEAR.format("own = false"),
            "it is another client's": YEAR.format("holder_id = %(new)s"),
            "it is an inquiry": case_is("inquiry")},
        {f"it is {status}": case_is(status) for status in ("granted", "in_course", "suspended")}),
    "power_of_attorney_expiring": Kind(
        (power("riga_today() + {0}"),), (30, 0, -1, LONG_AGO), (31,), OVER | {
            "it is revoked": "UPDATE powers_of_attorney SET revoked_on = riga_today()"
                             " WHERE id = %(new)s",
            "it has no end": "UPDATE powers_of_attorney SET valid_until = NULL WHERE id = %(new)s",
            "a later one is there": power("riga_today() + 31", "gen_random_uuid()"),
            "one without end is there": power("NULL", "gen_random_uuid()")},
        {"a later one is revoked": power("riga_today() + 60", "gen_random_uuid()",
                                         "riga_today()"),
         "one of another case is later": power("riga_today() + 60", "%(other)s") + "; UPDATE"
         " powers_of_attorney SET case_id = gen_random_uuid() WHERE id = %(other)s"}),
    "case_task": Kind(
        (insert("case_tasks", title="'\\x00'::bytea", due_on="riga_today() + {0}"),),
        (14, 0, -1, LONG_AGO), (15,), OVER | {
            "it is done": "UPDATE case_tasks SET status = 'done', done_on = riga_today()"
                          " WHERE id = %(new)s",
            "it is dropped": "UPDATE case_tasks SET status = 'dropped' WHERE id = %(new)s"}),
    "plan_task": Kind(
        (plan("draft", "%(other)s"), insert("plan_tasks", plan_id="%(other)s",
         title="'\\x00'::bytea", due_on="riga_today() + {0}")), (14, 0, -1, LONG_AGO), (15,),
        OVER | {
            "it is done": "UPDATE plan_tasks SET status = 'done', done_on = riga_today()"
                          " WHERE id = %(new)s",
            "it is dropped": "UPDATE plan_tasks SET status = 'dropped' WHERE id = %(new)s",
            "it has no day": "UPDATE plan_tasks SET due_on = NULL WHERE id = %(new)s",
            "the plan is replaced": is_plan("replaced").replace("new", "other"),
            "the plan is completed": is_plan("completed").replace("new", "other")},
        {"the plan is agreed": is_plan("agreed").replace("new", "other"),
         "the plan is active": is_plan("active").replace("new", "other")}),
    "reflection_ending": Kind(
        ("INSERT INTO reflection_periods (id, provider_id, client_id, key_id, starts_on, ends_on,"
         " granted_by) SELECT %(new)s, provider_id, client_id, key_id, riga_today() - 900,"
         " riga_today() + {0}, 'police' FROM cases WHERE id = %(case)s",), (7, 0), (8, -1),
        OVER | {"it is another client's": "UPDATE reflection_periods SET client_id = %(new)s"
                                          " WHERE id = %(new)s"}),
}
CASES = [pytest.param(kind, who, id=f"{kind}, {who}")
         for kind, one in KINDS.items() for who in one.roles]
# Who is told nothing of what is told the others.
STRANGERS = {"another provider's manager": ("stranger", {}),
             "a specialist outside the team": ("outsider", {}),
             "the ministry": ("worker", {"role": "ministry_officer"}),
             "an administrator": ("worker", {"role": "system_admin"}),
             "nobody": ("worker", {"role": "", "user_id": "", "provider_id": ""}),
             "a worker of no provider": ("worker", {"provider_id": ""})}


@pytest.fixture(scope="module", autouse=True)
def analysed(cluster):
    """What autovacuum does within a minute: else the list is planned for an empty database."""
    with cluster.connect() as owner:
        owner.execute("ANALYZE")


@pytest.fixture(scope="module")
def callers(marta, dm, api):
    return {"worker": marta.worker, "manager": marta.manager, "specialist": marta.psychologist,
            "agency": marta.agency, "stranger": dm.manager,
            "outsider": api("specialist", "marta", "social_worker")}


@pytest.fixture(scope="module")
def ids(marta):
    return {"case": marta.case_in("awaiting_decision")["id"],
            "new": "01890000-0000-7000-8000-00000000ffaa",
            "other": "01890000-0000-7000-8000-00000000ffab"}


@pytest.fixture
def stage(superuser, ids, callers):
    with superuser.transaction(force_rollback=True):
        yield Stage(superuser, ids, callers)


def put(stage, kind, days):
    for statement in KINDS[kind].place:
        stage.owner(statement.format(days))


def listed(stage, kind, who, **more):
    settings = stage.settings(stage.callers[who]) | more
    stage.ids["kind"] = kind
    return stage.act(settings, "SELECT due_on, overdue FROM worklist WHERE case_id = %(case)s"
                               " AND kind = %(kind)s")


def tried(stage):
    """What happens within is undone."""
    return stage.connection.transaction(force_rollback=True)


@pytest.mark.parametrize("kind, who", CASES)
def test_an_item_is_listed_from_its_first_day_to_its_last(stage, kind, who):
    one = KINDS[kind]
    for days in (*one.told, *one.untold):
        with tried(stage):
            put(stage, kind, days)
            rows = listed(stage, kind, who)
            assert len(rows) == (days in one.told), f"due in {days} days"
            if rows and one.due:
                (due,) = stage.owner(f"SELECT {one.due.format(days)}")
                assert rows == [(due[0], days < 0)]


@pytest.mark.parametrize("kind, who", CASES)
def test_an_item_that_is_done_or_over_is_not_listed(stage, kind, who):
    one = KINDS[kind]
    put(stage, kind, one.told[0])
    rows = listed(stage, kind, who)
    assert rows
    for words, left in ((one.off, []), (one.still, rows)):
        for why, change in words.items():
            with tried(stage):
                for statement in change.split("; "):
                    stage.owner(statement)
                assert listed(stage, kind, who) == left, why


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_is_listed_for_nobody_else(stage, kind):
    put(stage, kind, KINDS[kind].told[0])
    for words, (who, more) in STRANGERS.items():
        assert not listed(stage, kind, who, **more), words
    assert bool(listed(stage, kind, "agency")) is (kind == "decision_due")


def test_every_kind_has_its_edges(stage):
    kinds = stage.owner("SELECT kind FROM worklist_settings WHERE provider_id IS NULL")
    assert {kind for kind, in kinds} == set(KINDS)
