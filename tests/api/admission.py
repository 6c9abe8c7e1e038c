"""Steps of an admission that several stories take: the commission's sitting, a decision."""

import uuid

CRITERIA = {"acts": ["recruitment"], "means": ["deceit"], "purposes": ["forced_labour"]}
SITTING = {"identified_by": "commission", "held_on": "2018-01-22", "language": "lv"}


def sit(story, case, expect=201, **more):
    return story.worker.create(
        f"/v1/cases/{case['id']}/identifications", SITTING | more, expect=expect
    )


def place(case, sitting):
    return f"/v1/cases/{case['id']}/identifications/{sitting['id']}"


def seat(story, case, sitting, caller, profession, expect=201, **more):
    return story.worker.create(
        f"{place(case, sitting)}/members",
        {"user_id": caller.account.id, "profession": profession} | more,
        expect=expect,
    )


def vote(case, sitting, member, caller, conclusion="meets", expect=200):
    path = f"{place(case, sitting)}/members/{member['id']}"
    return caller.change(path, {"vote": conclusion}, expect=expect)


def professions(story):
    return {
        "social_worker": story.worker,
        "psychologist": story.psychologist,
        "lawyer": story.lawyer,
        "police_officer": story.police,
    }


def commission(story, case, votes=("meets",) * 4, **more):
    """A sitting of the four, who have voted so; None has not."""
    sitting = sit(story, case, **CRITERIA | more)
    for (profession, caller), conclusion in zip(professions(story).items(), votes):
        member = seat(story, case, sitting, caller, profession)
        if conclusion:
            vote(case, sitting, member, caller, conclusion)
    return sitting


def assessed(story, **application):
    """A case under assessment with its application."""
    case = story.case()
    papers = story.application(case, **application)
    story.step(case, "applied", happened_on="2018-01-15")
    story.step(case, "under_assessment", happened_on="2018-01-16")
    return case, papers


def waiting(story, **client):
    return story.case_in("awaiting_decision", **client)


def decide(story, case, kind, expect=201, by=None, **more):
    body = {"kind": kind, "number": f"T-{uuid.uuid4()}", "decided_on": "2018-01-29"} | more
    return (by or story.agency).create(f"/v1/cases/{case['id']}/decisions", body, expect=expect)


def pointers(problem):
    return {error["pointer"] for error in problem["errors"]}


def case_after_course(database, story, received_on="2017-08-20", ruleset="MK889-2013", **client):
    """Its course has ended on 2018-02-27, its papers aside."""
    case = story.case(story.client(**client)["id"], opened_on="2017-08-15")
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute(
            """UPDATE cases SET status = 'aftercare', granted_on = '2017-08-30',
            course_start = '2017-09-01', course_end = '2018-02-27', received_on = %s
            WHERE id = %s""", [received_on, case["id"]])
        database.execute(
            "UPDATE cases SET ruleset_id = (SELECT id FROM rulesets WHERE code = %s)"
            " WHERE id = %s", [ruleset, case["id"]])
    return case
