"""From the first assessment to the evaluation of the results, as a case worker records it."""

import concurrent.futures
import datetime

import pytest

from story import COURSE_START, Story, day

START = day(COURSE_START, 4)
END = day(COURSE_START, 179)
TOMORROW = (datetime.date.today() + datetime.timedelta(days=2)).isoformat()


@pytest.fixture
def story(api, providers):
    return Story(api, providers)


@pytest.fixture
def case(story):
    return story.case_in("inquiry")


@pytest.fixture
def assessed(story, case):
    """A case whose first assessment is made."""
    assess(story, case)
    return case


def assess(story, case, by=None, expect=201, **more):
    return (by or story.worker).create(f"/v1/cases/{case['id']}/assessments", {
        "kind": "initial", "assessed_on": day(COURSE_START, -2), "housing": 3, "safety": 4,
        "language": 0, "findings": "Guļ slikti.", "needs": "Drošs dzīvoklis."} | more,
        expect=expect)


def draw(story, case, expect=201, **more):
    return story.worker.create(f"/v1/cases/{case['id']}/plans", {
        "drawn_on": day(COURSE_START, 1), "starts_on": START, "ends_on": END,
        "needs": "Dzīvoklis, darbs.", "goal": "Dzīvo patstāvīgi."} | more, expect=expect)


def place(plan, part=""):
    return f"/v1/cases/{plan['case_id']}/plans/{plan['id']}{part and '/'}{part}"


def move(story, plan, status, expect=200, **more):
    return story.worker.change(place(plan), {"status": status} | more, expect=expect)


def agree(story, plan, on=START):
    return move(story, plan, "agreed", agreed_on=on, client_agreed=True)


def activate(story, plan, on=START, expect=200):
    agree(story, plan, on)
    return move(story, plan, "active", activated_on=on, expect=expect)


def add(story, plan, part, body, expect=201, by=None):
    return (by or story.worker).create(place(plan, part), body, expect=expect)


def violations(answer):
    return {(error["pointer"], error["code"]) for error in answer["errors"]}


# Assessments

def test_the_assessor_is_the_caller_unless_told(story, case):
    made = assess(story, case, by=story.psychologist)
    assert made["assessor_id"] == story.psychologist.account.id
    assert (made["housing"], made["language"], made["legal"]) == (3, 0, None)
    told = assess(story, case, kind="repeated", assessor_id=story.psychologist.account.id)
    assert told["assessor_id"] == story.psychologist.account.id


def test_assessments_are_listed_latest_first(story, case):
    for kind, days in (("initial", -2), ("final", 170), ("repeated", 60)):
        assess(story, case, kind=kind, assessed_on=day(COURSE_START, days))
    url = f"/v1/cases/{case['id']}/assessments"
    kinds = [row["kind"] for row in story.worker.read(url)["data"]]
    assert kinds == ["final", "repeated", "initial"]
    found = story.worker.read(url, params={"kind": "repeated"})["data"]
    assert [row["assessed_on"] for row in found] == [day(COURSE_START, 60)]


def test_an_impossible_assessment_is_refused(story, case, account):
    answer = assess(story, case, expect=422, safety=5, kind="first")
    assert violations(answer) == {("/safety", "out_of_range"), ("/kind", "not_in_list")}
    answer = assess(story, case, expect=422, assessed_on=TOMORROW)
    assert violations(answer) == {("/assessed_on", "in_the_future")}
    stranger = account("case_worker", "dm")
    assess(story, case, expect="unknown_reference", assessor_id=stranger.id)


def test_only_the_author_edits_an_assessment_and_only_on_its_day(story, case, api, database):
    made = assess(story, case)
    url = f"/v1/cases/{case['id']}/assessments/{made['id']}"
    assert story.worker.change(url, {"safety": 2})["safety"] == 2
    colleague = api("case_worker", "marta", number=2)
    colleague.change(url, {"safety": 1}, expect="already_final")
    database.execute("SELECT set_config('app.actor', 'cli', false)")
    database.execute("UPDATE assessments SET created_at = created_at - interval '25 hours'"
                     " WHERE id = %s", [made["id"]])
    story.worker.change(url, {"safety": 1}, expect="already_final")
    assert story.worker.read(url)["safety"] == 2


# Plans

def test_an_assessment_is_corrected_by_another(story, case):
    first = story.assessment(case, housing=1)
    second = story.assessment(case, housing=3, corrects_id=first["id"])
    path = f"/v1/cases/{case['id']}/assessments/{first['id']}"
    assert story.worker.read(path)["superseded"] is True and second["superseded"] is False
    story.worker.change(path, {"housing": 2}, expect="already_final")
    story.assessment(case, corrects_id=first["id"], expect="conflict")
    story.assessment(story.case(), corrects_id=second["id"], expect="unknown_reference")


def test_an_assessment_comes_before_the_plan(story, case):
    draw(story, case, expect="assessment_missing")
    assess(story, case, assessed_on=day(COURSE_START, 2))
    draw(story, case, expect="assessment_missing")
    assess(story, case, kind="repeated", assessed_on=day(COURSE_START, 1))
    assert draw(story, case)["status"] == "draft"


def test_a_plan_ends_within_the_course(story):
    case = story.case_in("in_course")
    assess(story, case)
    answer = draw(story, case, expect="plan_too_long", ends_on=day(END, 1))
    assert [error["pointer"] for error in answer["errors"]] == ["/ends_on"]
    plan = draw(story, case)
    story.worker.change(place(plan), {"ends_on": day(END, 1)}, expect="plan_too_long")
    assert activate(story, plan)["status"] == "active"


def test_a_plan_agreed_before_the_grant_is_judged_when_it_becomes_active(story):
    case = story.case_in("awaiting_decision")
    assess(story, case)
    plan = draw(story, case, ends_on=day(END, 30))
    agree(story, plan)
    story.grant(case)
    move(story, plan, "active", expect="plan_too_long", activated_on=START)
    short = draw(story, case, replaces_id=plan["id"])
    activate(story, short)
    assert story.worker.read(place(plan))["status"] == "replaced"
    assert story.worker.read(place(plan))["activated_on"] is None


def test_the_days_of_a_plan_must_make_sense(story, assessed):
    draw(story, assessed, expect="end_before_start", ends_on=day(START, -1))
    answer = draw(story, assessed, expect=422, drawn_on=TOMORROW)
    assert ("/drawn_on", "in_the_future") in violations(answer)
    answer = draw(story, assessed, expect=422, agreed_on=START, completed_on=START,
                  activated_on=START)
    assert violations(answer) == {("/agreed_on", "constraint"), ("/completed_on", "constraint"),
                                  ("/activated_on", "constraint")}
    plan = draw(story, assessed, ends_on=None)
    answer = move(story, plan, "agreed", expect=422, agreed_on=day(COURSE_START))
    assert violations(answer) == {("/ends_on", "required"), ("/agreed_on", "end_before_start")}


def test_a_plan_is_agreed_becomes_active_and_is_completed(story, assessed):
    plan = draw(story, assessed)
    assert (plan["number"], plan["goal"]) == (1, "Dzīvo patstāvīgi.")
    changed = story.worker.change(place(plan), {"goal": "Strādā un dzīvo patstāvīgi."})
    assert changed["goal"] == "Strādā un dzīvo patstāvīgi."
    move(story, plan, "active", expect="illegal_transition")
    assert agree(story, plan)["client_agreed"] is True
    story.worker.change(place(plan), {"goal": "Cits"}, expect="already_final")
    story.worker.change(place(plan), {"agreed_on": day(START, 1)}, expect="already_final")
    answer = story.worker.change(place(plan), {"activated_on": START}, expect=422)
    assert violations(answer) == {("/activated_on", "constraint")}
    move(story, plan, "draft", expect="illegal_transition")
    assert move(story, plan, "active", activated_on=START)["activated_on"] == START
    story.worker.change(place(plan), {"client_agreed": False}, expect="already_final")
    answer = move(story, plan, "completed", expect=422, completed_on=day(START, -1))
    assert violations(answer) == {("/completed_on", "end_before_start")}
    assert move(story, plan, "completed", completed_on=END)["completed_on"] == END
    story.worker.change(place(plan), {"completed_on": day(END, -1)}, expect="already_final")
    move(story, plan, "active", expect="illegal_transition")
    draw(story, assessed, expect="already_final", replaces_id=plan["id"])


def test_a_plan_begins_as_a_draft(story, assessed):
    draw(story, assessed, expect="illegal_transition", status="active")
    draw(story, assessed, expect=422, number=7)


def test_a_new_version_replaces_the_active_plan(story, assessed):
    first = draw(story, assessed)
    draw(story, assessed, expect="not_final", replaces_id=first["id"])
    activate(story, first)
    second = draw(story, assessed, replaces_id=first["id"])
    assert (second["number"], second["replaces_id"]) == (2, first["id"])
    activate(story, second, on=day(START, 30))
    assert story.worker.read(place(first))["status"] == "replaced"
    draw(story, assessed, expect="already_final", replaces_id=first["id"])
    third = draw(story, assessed)
    activate(story, third, expect="conflict")
    rows = story.worker.read(f"/v1/cases/{assessed['id']}/plans")["data"]
    assert [(row["number"], row["status"]) for row in rows] == [
        (3, "agreed"), (2, "active"), (1, "replaced")]


def test_a_plan_replaces_none_of_another_case(story, assessed):
    other = story.case_in("inquiry")
    assess(story, other)
    foreign = draw(story, other)
    activate(story, foreign)
    draw(story, assessed, expect="unknown_reference", replaces_id=foreign["id"])


# What belongs to a plan

def test_services_lie_within_the_plan(story, assessed):
    plan = draw(story, assessed)
    made = add(story, plan, "services", {
        "service": "consultation", "volume": 24, "unit": "consultations", "starts_on": START,
        "ends_on": END, "description": "Psihologs, reizi nedēļā."})
    assert (made["plan_id"], made["volume"]) == (plan["id"], 24)
    assert made["description"] == "Psihologs, reizi nedēļā."
    answer = add(story, plan, "services", {
        "service": "training", "volume": 2, "starts_on": day(START, -1),
        "ends_on": day(END, 1)}, expect=422)
    assert violations(answer) == {("/unit", "required"), ("/starts_on", "constraint"),
                                  ("/ends_on", "constraint")}
    answer = add(story, plan, "services", {
        "service": "training", "unit": "hours", "starts_on": END, "ends_on": START}, expect=422)
    assert violations(answer) == {("/volume", "required"), ("/ends_on", "end_before_start")}
    answer = story.worker.change(place(plan), {"starts_on": day(START, 1),
                                               "ends_on": day(END, -1)}, expect=422)
    assert violations(answer) == {("/starts_on", "constraint"), ("/ends_on", "constraint")}
    found = story.worker.read(place(plan, "services"), params={"service": "consultation"})
    assert [row["id"] for row in found["data"]] == [made["id"]]


PARTS = [("services", {"service": "training"}, {"service": "goods"}),
         ("tasks", {"title": "Jauna personas apliecība"}, {"title": "Cits"}),
         ("duties", {"duty": "Ierodas uz konsultācijām."}, {"duty": "Cits"})]


@pytest.mark.parametrize("part, body, other", PARTS)
def test_only_a_draft_is_edited(story, assessed, part, body, other):
    plan = draw(story, assessed)
    gone, kept = (add(story, plan, part, body) for _ in range(2))
    changed = story.worker.change(f"{place(plan, part)}/{kept['id']}", other)
    assert changed.items() >= other.items()
    story.worker.remove(f"{place(plan, part)}/{gone['id']}")
    agree(story, plan)
    for status in ("agreed", "active", "completed"):
        if status != "agreed":
            move(story, plan, status)
        add(story, plan, part, body, expect="already_final")
        story.worker.change(f"{place(plan, part)}/{kept['id']}", body, expect="already_final")
        story.worker.remove(f"{place(plan, part)}/{kept['id']}", expect="already_final")
    rows = story.worker.read(place(plan, part))["data"]
    assert [row["id"] for row in rows] == [kept["id"]]


def test_tasks_move_while_the_plan_is_active(story, assessed, account):
    plan = draw(story, assessed)
    body = {"title": "Jauna personas apliecība", "due_on": day(START, 14),
            "responsible_id": story.lawyer.account.id}
    task, other = (add(story, plan, "tasks", body) for _ in range(2))
    url, other_url = (f"{place(plan, 'tasks')}/{row['id']}" for row in (task, other))
    add(story, plan, "tasks", body | {"status": "done"}, expect="illegal_transition")
    add(story, plan, "tasks", body | {"responsible_id": account("case_worker", "dm").id},
        expect="unknown_reference")
    answer = story.worker.change(url, {"status": "done"}, expect=422)
    assert violations(answer) == {("/status", "constraint")}
    agree(story, plan)
    story.lawyer.change(url, {"status": "done"}, expect="already_final")
    move(story, plan, "active", activated_on=START)
    answer = story.lawyer.change(url, {"status": "done", "done_on": TOMORROW}, expect=422)
    assert violations(answer) == {("/done_on", "in_the_future")}
    answer = story.lawyer.change(url, {"done_on": START}, expect=422)
    assert violations(answer) == {("/done_on", "constraint")}
    done = story.lawyer.change(url, {"status": "done", "done_on": day(START, 3)})
    assert (done["status"], done["done_on"]) == ("done", day(START, 3))
    story.lawyer.change(url, {"status": "open", "done_on": None}, expect="illegal_transition")
    story.lawyer.change(url, {"done_on": day(START, 4)}, expect="already_final")
    story.lawyer.change(url, {"title": "Cits"}, expect="already_final")
    story.worker.change(other_url, {"status": "dropped"})
    assert story.worker.change(other_url, {"status": "open"})["status"] == "open"
    rows = story.worker.read(place(plan, "tasks"), params={"status": "open"})["data"]
    assert [row["id"] for row in rows] == [other["id"]]


def test_duties_are_kept_or_not_while_the_plan_is_active(story, assessed):
    plan = draw(story, assessed)
    duty = add(story, plan, "duties", {"duty": "Ierodas uz konsultācijām."})
    url = f"{place(plan, 'duties')}/{duty['id']}"
    answer = story.worker.change(url, {"fulfilled": True}, expect=422)
    assert violations(answer) == {("/fulfilled", "constraint")}
    activate(story, plan)
    assert story.worker.change(url, {"fulfilled": False})["fulfilled"] is False


# Evaluations

def test_a_plan_is_evaluated_until_it_has_final_results(story, assessed):
    plan = draw(story, assessed)
    body = {"evaluated_on": day(START, 30), "progress": "good", "findings": "Ir dzīvoklis."}
    add(story, plan, "evaluations", body, expect="not_final")
    activate(story, plan)
    interval = story.worker.read(f"/v1/rulesets/{assessed['ruleset_id']}")["evaluation_days"]
    made = add(story, plan, "evaluations", body, by=story.psychologist)
    assert made["next_due_on"] == day(START, 30 + interval)
    assert (made["final"], made["findings"]) == (False, "Ir dzīvoklis.")
    answer = add(story, plan, "evaluations", body | {"evaluated_on": day(START, -1)}, expect=422)
    assert violations(answer) == {("/evaluated_on", "end_before_start")}
    answer = add(story, plan, "evaluations", body | {"evaluated_on": TOMORROW}, expect=422)
    assert violations(answer) == {("/evaluated_on", "in_the_future")}
    move(story, plan, "completed", completed_on=END)
    last = add(story, plan, "evaluations", {"evaluated_on": END, "progress": "reached",
                                            "final": True, "changes": "Nav."})
    assert last["next_due_on"] is None
    add(story, plan, "evaluations", body | {"final": True}, expect="conflict")
    rows = story.worker.read(place(plan, "evaluations"))["data"]
    assert [row["id"] for row in rows] == [last["id"], made["id"]]
    url = f"{place(plan, 'evaluations')}/{last['id']}"
    story.worker.patch(url, {"progress": "little"}, etag='"1"', expect=405)


def test_a_replaced_plan_is_evaluated_no_more(story, assessed):
    first = draw(story, assessed)
    activate(story, first)
    activate(story, draw(story, assessed, replaces_id=first["id"]), on=day(START, 30))
    add(story, first, "evaluations", {"evaluated_on": END, "progress": "good"},
        expect="already_final")


# Who

def test_only_the_own_provider_reaches_a_plan(story, assessed, api):
    plan = draw(story, assessed)
    stranger, agency = api("case_worker", "dm"), api("agency_officer")
    stranger.get(place(plan), expect="not_found")
    stranger.post(place(plan, "tasks"), {"title": "Cits"}, expect="not_found")
    agency.get(place(plan), expect="forbidden")
    agency.get(f"/v1/cases/{assessed['id']}/assessments", expect="forbidden")
    story.psychologist.get(place(plan), expect=200)
    story.psychologist.post(f"/v1/cases/{assessed['id']}/plans", {"starts_on": START},
                            expect="forbidden")
    api("specialist", "marta", "social_worker").get(place(plan), expect="not_found")


def test_two_plans_do_not_become_active_at_once(story, assessed):
    plans = [draw(story, assessed) for _ in range(2)]
    assert [plan["number"] for plan in plans] == [1, 2]
    for plan in plans:
        agree(story, plan)
    etags = [story.worker.get(place(plan)).headers["ETag"] for plan in plans]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda plan, etag: story.worker.patch(
            place(plan), {"status": "active", "activated_on": START}, etag=etag), plans, etags))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    statuses = sorted(story.worker.read(place(plan))["status"] for plan in plans)
    assert statuses == ["active", "agreed"]


def test_texts_about_the_client_are_sealed(story, assessed, database):
    plan = draw(story, assessed)
    add(story, plan, "tasks", {"title": "Jauna personas apliecība"})
    columns = {"assessments": ("findings", "needs"), "plans": ("needs", "goal"),
               "plan_tasks": ("title",)}
    told = ("Guļ slikti", "Drošs dzīvoklis", "Dzīvoklis, darbs", "Dzīvo patstāvīgi",
            "Jauna personas apliecība")
    for table, names in columns.items():
        row = database.execute(f"SELECT {', '.join(names)} FROM {table} WHERE case_id = %s",
                               [assessed["id"]]).fetchone()
        for value in row:
            assert isinstance(value, bytes) and not any(text.encode() in value for text in told)
