"""What is due: GET /v1/worklist, computed per caller. Days are told from the day in Riga."""

import contextlib
import datetime
import zoneinfo

import pytest

from story import COURSE_DAYS, Story, day

TODAY = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Riga")).date()


@pytest.fixture(scope="module", autouse=True)
def analysed(cluster):
    """What autovacuum does within a minute: without statistics of the rows that the tests before
    have made, a specialist's list is planned for an empty database and takes seconds."""
    with cluster.connect() as owner:
        owner.execute("ANALYZE")


@pytest.fixture
def story(api, providers):
    return Story(api, providers)


def work(caller, case, **filters):
    """{kind: row} of one case; the list is followed to its end."""
    query = "&".join(f"{name}={value}" for name, value in ({"limit": 200} | filters).items())
    path, found = f"/v1/worklist?{query}", {}
    while path:
        page = caller.read(path)
        for row in page["data"]:
            if row["case_id"] == case["id"]:
                assert row["kind"] not in found, "each kind once: the tests make one row of each"
                found[row["kind"]] = row
        cursor = page["next"]
        path = cursor and f"/v1/worklist?{query}&cursor={cursor}"
    return found


def days(rows):
    return {kind: row["due_on"] for kind, row in rows.items()}


def ago(count):
    return TODAY - datetime.timedelta(days=count)


def task(story, case, due_on, **more):
    body = {"title": "Piezvanīt", "due_on": due_on} | more
    return story.worker.create(f"/v1/cases/{case['id']}/tasks", body)


@pytest.mark.parametrize("since, overdue", [(14, False), (15, True)])
def test_a_plan_is_due_by_day_14(story, since, overdue):
    case = story.case_in("in_course", start=ago(since))
    row = work(story.worker, case)["plan_due"]
    assert row["due_on"] == day(ago(since), 14) and row["overdue"] is overdue
    assert (row["subject_id"], row["client_id"]) == (case["id"], case["client_id"])
    again = work(story.worker, case, overdue=str(overdue).lower())["plan_due"]
    assert again["id"] == row["id"]
    assert "plan_due" not in work(story.worker, case, overdue=str(not overdue).lower())


def test_evaluations_follow_the_active_plan(story):
    start = ago(26)
    case = story.case_in("in_course", start=start)
    story.assessment(case, assessed_on=day(start, -2))
    plan = story.plan(case, start=start, starts_on=day(start))
    story.plan_step(plan, "agreed", agreed_on=day(start, 2), client_agreed=True)
    assert "plan_due" in work(story.worker, case)
    story.plan_step(plan, "active", activated_on=day(start, 2))
    rows = work(story.worker, case)
    assert days(rows) == {"evaluation_due": day(start, 32)}
    assert rows["evaluation_due"]["subject_id"] == plan["id"]
    body = {"evaluated_on": day(TODAY, -1), "progress": "good"}
    story.plan_part(plan, "evaluations", body)
    assert days(work(story.worker, case)) == {}, "the next one is 29 days away"


@contextlib.contextmanager
def told_ahead(story, kind, days):
    """The provider's own interval while the block runs."""
    own = story.manager.create("/v1/worklist_settings", {"kind": kind, "days": days})
    try:
        yield
    finally:
        story.manager.remove(f"/v1/worklist_settings/{own['id']}")


def planned(story, activated):
    """A case whose course began and whose plan became active on that day."""
    case = story.case_in("in_course", start=activated)
    story.assessment(case, assessed_on=day(activated, -2))
    plan = story.plan(case, start=activated, drawn_on=day(activated), starts_on=day(activated))
    story.plan_step(plan, "agreed", agreed_on=day(activated), client_agreed=True)
    story.plan_step(plan, "active", activated_on=day(activated))
    return case, plan


@pytest.mark.parametrize("since, told", [(14, True), (13, False)])
def test_r16_a_plan_comes_onto_the_list_on_its_day(story, since, told):
    case = story.case_in("in_course", start=ago(since))
    with told_ahead(story, "plan_due", 0):
        assert ("plan_due" in work(story.worker, case)) is told


@pytest.mark.parametrize("since, told", [(COURSE_DAYS - 1, True), (COURSE_DAYS, False)])
def test_r16_a_plan_is_due_until_the_courses_last_day(story, since, told):
    case = story.case_in("in_course", start=ago(since))
    assert ("plan_due" in work(story.worker, case)) is told


def test_r16_no_plan_is_due_after_one_or_without_a_course(story):
    for phase in ("granted", "aftercare"):
        case = story.case_in(phase)
        assert "plan_due" not in work(story.worker, case)
    case, plan = planned(story, ago(20))
    assert "plan_due" not in work(story.worker, case)
    story.plan_step(plan, "completed", completed_on=day(TODAY))
    assert "plan_due" not in work(story.worker, case)


@pytest.mark.parametrize("since, told, overdue",
                         [(22, False, None), (23, True, False), (30, True, False),
                          (31, True, True)])
def test_r16_an_evaluation_is_due_30_days_after_the_last(story, since, told, overdue):
    """After the plan became active, and after the evaluation before."""
    first, _ = planned(story, ago(since))
    again, plan = planned(story, ago(since + 10))
    story.plan_part(plan, "evaluations", {"evaluated_on": day(ago(since)), "progress": "good"})
    for case in (first, again):
        row = work(story.worker, case).get("evaluation_due")
        assert (row is not None) is told
        assert not told or (row["due_on"], row["overdue"]) == (day(ago(since), 30), overdue)


def test_r16_nothing_is_due_after_the_final_evaluation(story):
    case, plan = planned(story, ago(60))
    assert "evaluation_due" in work(story.worker, case)
    story.plan_part(plan, "evaluations", {"evaluated_on": day(ago(40)), "progress": "reached",
                                          "final": True})
    assert "evaluation_due" not in work(story.worker, case)


def test_decisions_are_the_agencys_work_too(story):
    case = story.case_in("awaiting_decision", start=ago(-2))
    expected = {"decision_due": day(ago(8), 10)}
    assert days(work(story.worker, case)) == days(work(story.agency, case)) == expected
    course = story.case_in("in_course", start=ago(20))
    assert work(story.worker, course) and work(story.agency, course) == {}
    assert {row["kind"] for row in story.agency.read("/v1/worklist?limit=200")["data"]} == {
        "decision_due"
    }


@pytest.mark.parametrize("ahead, told", [(14, True), (15, False), (0, True)])
def test_a_course_that_ends_in_14_days_is_listed(story, ahead, told):
    case = story.case_in("in_course", start=ago(COURSE_DAYS - 1 - ahead))
    row = work(story.worker, case).get("course_ending")
    assert (row is not None) is told
    if told:
        assert (row["due_on"], row["overdue"]) == (day(TODAY, ahead), False)


def test_an_aftercare_window_that_closes_is_listed(story, database):
    case = story.case_in("aftercare")
    assert (
        work(story.worker, case)["aftercare_closing"]
        == work(story.worker, case, kind="aftercare_closing", overdue="true")["aftercare_closing"]
    )
    ends = "SELECT (%s::date - interval '24 months')::date"
    for ahead, told in ((55, True), (65, False)):
        (end,) = database.execute(ends, [day(TODAY, ahead)]).fetchone()
        move_course(database, case, end)
        assert ("aftercare_closing" in work(story.worker, case)) is told


def window_until(database, last):
    """The last course end whose window of 24 months is over by that day, and the window's end."""
    return database.execute(
        """SELECT d::date, (d + interval '24 months')::date
        FROM generate_series(%s::timestamp - interval '25 months', %s, '1 day') d
        WHERE d + interval '24 months' <= %s ORDER BY d DESC LIMIT 1""", [last] * 3).fetchone()


@pytest.mark.parametrize("ahead", [61, 60, 0, -1])
def test_r3_the_window_is_told_60_days_ahead_and_open_on_its_last_day(story, database, ahead):
    case = story.case_in("aftercare")
    end, last = window_until(database, TODAY + datetime.timedelta(days=ahead))
    move_course(database, case, end)
    row = work(story.worker, case).get("aftercare_closing")
    assert (row is not None) is (last <= TODAY + datetime.timedelta(days=60))
    assert row is None or (row["due_on"], row["overdue"]) == (str(last), last < TODAY)
    assert story.entitlement(case, "aftercare")["ends_on"] == str(last)


def move_course(database, case, end):
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute(
            "UPDATE cases SET course_start = %s, course_end = %s WHERE id = %s",
            [end - datetime.timedelta(days=COURSE_DAYS - 1), end, case["id"]],
        )


def take(database, minutes):
    """minutes: what acts have used of the person's support this year in which case. The counter
    of the first case's own client."""
    counters = []
    for case_id, units in minutes.items():
        for holder in ("person_id", "client_id"):
            (usage,) = database.execute(
                f"""INSERT INTO limit_usages AS u (limit_id, holder_id, provider_id, client_id,
                    period, amount, used, enforcement)
                SELECT l.counter_id, c.{holder}, c.provider_id, c.client_id, %s, l.amount, %s,
                    l.enforcement
                FROM cases c JOIN limits l ON l.ruleset_id = c.ruleset_id
                WHERE c.id = %s AND l.code = 'criminal_support_minutes'
                ON CONFLICT (limit_id, holder_id, period)
                    DO UPDATE SET used = u.used + EXCLUDED.used RETURNING id""",
                [str(TODAY.year), units, case_id],
            ).fetchone()
            database.execute(
                """INSERT INTO limit_entries (usage_id, provider_id, client_id, case_id, act,
                    units, opening)
                SELECT %s, provider_id, client_id, id, 'opening', %s, true FROM cases
                WHERE id = %s""",
                [usage, units, case_id],
            )
            counters.append(str(usage))
    return counters[1]


@pytest.mark.parametrize("minutes, told", [(7199, False), (7200, True)])
def test_a_years_limit_at_80_percent_is_listed(story, database, minutes, told):
    case = story.case_in("in_course", start=ago(5))
    usage = take(database, {case["id"]: minutes})
    row = work(story.worker, case).get("year_limit")
    assert (row is not None) is told
    assert not told or (row["subject_id"], row["due_on"]) == (usage, day(TODAY))


def test_a_specialist_is_warned_of_the_own_providers_whole_use(story, database):
    """Also of what was used in a case of the client whose team they are not in."""
    case = story.case_in("in_course", start=ago(5))
    other = story.worker.create("/v1/cases", {"client_id": case["client_id"],
                                              "opened_on": "2018-01-08"})
    take(database, {case["id"]: 100, other["id"]: 7100})
    assert "year_limit" in work(story.psychologist, case)
    assert work(story.psychologist, other) == {}


def test_another_providers_use_of_a_shared_limit_is_not_revealed(story, api, providers, database):
    """Two providers of one person: each is warned of what itself has used."""
    code, stories = "010190-17351", [story, Story(api, providers, "dm")]
    cases = [s.case_in("under_assessment", personal_code=code) for s in stories]
    assert len({database.execute("SELECT person_id FROM cases WHERE id = %s",
                                 [case["id"]]).fetchone() for case in cases}) == 1
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute("UPDATE cases SET status = 'aftercare', course_start = %s,"
                         " course_end = %s WHERE id = ANY(%s)",
                         [ago(400), ago(221), [case["id"] for case in cases]])
    take(database, {cases[0]["id"]: 7200, cases[1]["id"]: 1800})
    assert "year_limit" in work(stories[0].worker, cases[0])
    for caller in (stories[1].worker, stories[1].manager, stories[1].psychologist):
        assert "year_limit" not in work(caller, cases[1])


def test_a_years_limit_is_judged_by_the_own_use_and_the_cases_own_amount(story, database):
    """The counter's amount is of the case that took last, maybe another provider's under another
    rule set: a warning that hung on it would tell that there is one."""
    case = story.case_in("in_course", start=ago(5))
    usage = take(database, {case["id"]: 7200})
    database.execute("UPDATE limit_usages SET amount = 18000 WHERE id = %s", [usage])
    assert "year_limit" in work(story.worker, case)


def test_a_power_of_attorney_that_expires_is_listed(story):
    case = story.case_in("inquiry")
    powers = f"/v1/cases/{case['id']}/powers_of_attorney"
    body = {"scope": "Tiesā", "given_by": "client", "granted_on": day(ago(40))}
    first = story.lawyer.create(powers, body | {"valid_until": day(TODAY, 30)})
    row = work(story.worker, case)["power_of_attorney_expiring"]
    assert (row["subject_id"], row["due_on"]) == (first["id"], day(TODAY, 30))
    later = story.lawyer.create(powers, body | {"valid_until": day(TODAY, 31)})
    assert work(story.worker, case) == {}, "the later one is 31 days away"
    story.lawyer.change(f"{powers}/{later['id']}", {"revoked_on": day(TODAY)})
    assert "power_of_attorney_expiring" in work(story.worker, case)


def test_tasks_of_case_and_plan_are_listed(story):
    case = story.case_in("inquiry")
    story.assessment(case)
    who = story.psychologist.account.id
    made = task(story, case, day(TODAY, -1), assignee_id=who)
    plan = story.plan(case)
    body = {"title": "Dokumenti", "due_on": day(TODAY, 14)}
    step = story.plan_part(plan, "tasks", body)
    rows = work(story.worker, case)
    assert days(rows) == {"case_task": day(TODAY, -1), "plan_task": day(TODAY, 14)}
    assert rows["plan_task"]["subject_id"] == step["id"]
    assert rows["case_task"]["responsible_id"] == who and rows["case_task"]["overdue"] is True
    assert list(work(story.worker, case, responsible_id=who)) == ["case_task"]
    assert list(work(story.worker, case, **{"due_on[lte]": day(TODAY)})) == ["case_task"]
    story.worker.change(
        f"/v1/cases/{case['id']}/tasks/{made['id']}", {"status": "done", "done_on": day(TODAY)}
    )
    assert list(work(story.worker, case)) == ["plan_task"]


def test_a_reflection_period_that_ends_is_listed(story):
    case = story.case_in("inquiry", citizenship="UA")
    periods = f"/v1/clients/{case['client_id']}/reflection_periods"
    body = {"starts_on": day(ago(23)), "granted_by": "police"}
    made = story.worker.create(periods, body)
    row = work(story.worker, case)["reflection_ending"]
    assert (row["subject_id"], row["due_on"]) == (made["id"], day(TODAY, 7))


def test_each_item_is_listed_for_those_who_do_the_work(story, api, providers):
    """A specialist has that of the own cases, another provider nothing, and a read is logged."""
    case = story.case_in("inquiry")
    task(story, case, day(TODAY))
    outsider = api("specialist", "marta", "social_worker")
    assert work(story.manager, case) and work(story.psychologist, case)
    assert work(outsider, case) == work(Story(api, providers, "dm").worker, case) == {}
    for role in ("ministry_officer", "statistician", "system_admin", "auditor"):
        api(role).get("/v1/worklist", expect="forbidden")
    seen = story.manager.read(f"/v1/clients/{case['client_id']}/accesses?limit=200")["data"]
    assert "worklist" in {row["resource"] for row in seen}


def test_the_work_list_is_sorted_by_day_in_pages(story):
    case = story.case_in("inquiry")
    for late in (3, 1, 2):
        task(story, case, day(TODAY, -late))
    page = story.worker.read("/v1/worklist?limit=2&kind=case_task")
    rows, cursor = page["data"], page["next"]
    while cursor:
        page = story.worker.read(f"/v1/worklist?limit=2&kind=case_task&cursor={cursor}")
        rows, cursor = rows + page["data"], page["next"]
    order = [(row["due_on"], row["id"]) for row in rows]
    assert order == sorted(order) and len(set(order)) == len(order)
    mine = [row["due_on"] for row in rows if row["case_id"] == case["id"]]
    assert mine == [day(TODAY, -3), day(TODAY, -2), day(TODAY, -1)]


def test_intervals_are_configuration(story, api):
    case = story.case_in("inquiry")
    task(story, case, day(TODAY, 15))
    assert work(story.worker, case) == {}
    path = "/v1/worklist_settings"
    story.worker.create(path, {"kind": "case_task", "days": 15}, expect="forbidden")
    own = story.manager.create(path, {"kind": "case_task", "days": 15})
    assert "case_task" in work(story.worker, case)
    story.manager.create(path, {"kind": "case_task", "days": 16}, expect="conflict")
    assert own["id"] in [row["id"] for row in story.worker.read(path)["data"]]
    api("provider_manager", "dm").get(f"{path}/{own['id']}", expect="not_found")
    story.manager.change(f"{path}/{own['id']}", {"days": 14})
    assert work(story.worker, case) == {}
    story.manager.remove(f"{path}/{own['id']}")


def test_an_interval_has_the_unit_of_its_kind(story):
    path = "/v1/worklist_settings"
    for body, pointer in (({"kind": "case_task"}, "/days"), ({"kind": "year_limit"}, "/percent"),
                          ({"kind": "case_task", "days": 1, "percent": 80}, "/percent"),
                          ({"kind": "year_limit", "percent": 49}, "/percent"),
                          ({"kind": "plan_due", "days": 367}, "/days")):
        refused = story.manager.create(path, body, expect="validation_failed")
        assert [error["pointer"] for error in refused["errors"]] == [pointer], body


def test_the_view_itself_keeps_the_scope(story, api, providers, cluster):
    """It reads as its owner, behind no policy: whoever the settings do not name gets nothing."""
    case = story.case_in("awaiting_decision", start=ago(-2))
    task(story, case, day(TODAY))
    outsider = api("specialist", "marta", "social_worker").account.id
    marta, dm, nobody = providers["marta"], providers["dm"], ""
    whole = {"case_task", "decision_due"}
    with cluster.connect("atbalsts_api") as connection:
        for role, user, provider, kinds in (
                ("provider_manager", story.manager.account.id, marta, whole),
                ("specialist", story.lawyer.account.id, marta, whole),
                ("specialist", outsider, marta, set()),
                ("specialist", story.lawyer.account.id, dm, set()),
                ("case_worker", story.worker.account.id, dm, set()),
                ("case_worker", story.worker.account.id, nobody, set()),
                ("agency_officer", story.agency.account.id, nobody, {"decision_due"}),
                ("ministry_officer", nobody, marta, set()), (nobody, nobody, nobody, set())):
            with connection.transaction():
                for name, value in (("user_id", user), ("role", role), ("provider_id", provider)):
                    connection.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", value])
                rows = connection.execute("SELECT kind FROM worklist WHERE case_id = %s",
                                          [case["id"]]).fetchall()
            assert {kind for (kind,) in rows} == kinds, (role, provider)
