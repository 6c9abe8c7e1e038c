"""One person, one year, one counter: what cases of several rule sets and teams share."""

import json

import pytest

from test_criminal import (after_course, hour, proceeding, stories, support,  # noqa: F401
                           supported, use_up, used)


@pytest.fixture
def under_both_rule_sets(stories, after_course, database):  # noqa: F811
    """Two cases of one client, one under each rule set, both supported in proceedings."""
    story = stories["marta"]
    first = after_course(story)
    second = story.case(first["client_id"], opened_on="2017-08-15")
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute(
            """UPDATE cases SET status = 'aftercare', granted_on = '2017-08-30',
            course_start = '2017-09-01', course_end = '2018-02-27', received_on = '2017-08-20',
            ruleset_id = (SELECT id FROM rulesets WHERE code = 'MK344-2019') WHERE id = %s""",
            [second["id"]])
        database.execute(
            "UPDATE cases SET ruleset_id = (SELECT id FROM rulesets WHERE code = 'MK344-2019')"
            " WHERE id = %s", [second["id"]])
    for case in (first, second):
        supported(story, case)
    return story, first, second


def test_two_rule_sets_have_one_counter_of_a_persons_year(under_both_rule_sets, database):
    story, first, second = under_both_rule_sets
    place = "/v1/cases/{id}/consultations"
    use_up(database, first, "criminal_support_minutes", 8990 - 60)
    story.worker.create(place.format(**second), hour())
    long = story.worker.create(place.format(**second), hour(minutes=11), expect=409)
    assert long["code"] == "yearly_limit_reached"
    assert story.worker.create(place.format(**first), hour(minutes=11), expect=409)["code"] \
        == "yearly_limit_reached"
    made = story.worker.create(place.format(**second), hour(minutes=10))
    assert used(database, second) == {"2018": 9000}
    assert story.worker.create(place.format(**first), hour(minutes=1), expect=409)["code"] \
        == "yearly_limit_reached"
    story.worker.change(f"{place.format(**second)}/{made['id']}", {"outcome": "cancelled"})
    story.worker.create(place.format(**first), hour(minutes=10))
    assert used(database, first) == {"2018": 9000}


def test_units_taken_under_one_rule_set_are_shown_under_the_other(under_both_rule_sets, database):
    story, first, second = under_both_rule_sets
    (year,) = database.execute("SELECT extract(year FROM riga_today())::text").fetchone()
    use_up(database, first, "criminal_support_minutes", 8990, year)
    for case in (first, second):
        row = story.entitlement(case, "criminal_support_minutes")
        assert (row["amount"], row["used"], row["remaining"]) == (9000, 8990, 10)
        # The work list tells it at 80 %, once for each case that runs.
        rows = [row for row in story.worker.pages("/v1/worklist?kind=year_limit&limit=200")
                if row["case_id"] == case["id"]]
        assert len(rows) == 1


def test_a_later_rule_set_counts_on_the_same_counter(api, database):
    """Also one that the ministry lays down later; two limits of one rule set have two."""
    ministry = api("ministry_officer")
    rows = database.execute(
        """SELECT l.code, count(DISTINCT l.counter_id), count(*) FROM limits l
        JOIN rulesets r ON r.id = l.ruleset_id WHERE r.code LIKE 'MK%' GROUP BY 1""").fetchall()
    assert {row[1:] for row in rows} == {(1, 2)}
    old = next(r for r in ministry.pages("/v1/rulesets") if r["code"] == "MK889-2013")
    place = f"/v1/rulesets/{old['id']}/limits"
    body = {"service": "criminal_support", "unit": "consultations", "per": "person",
            "period": "calendar_year", "enforcement": "warn", "amount": 7000}
    made = ministry.create(place, body | {"code": "criminal_support_consultations"})
    try:
        (own,) = database.execute("SELECT counter_id = id FROM limits WHERE id = %s",
                                  [made["id"]]).fetchone()
        assert own
    finally:
        with database.transaction():
            database.execute("SELECT set_config('app.actor', 'cli', true)")
            database.execute("DELETE FROM limits WHERE id = %s", [made["id"]])


def test_support_in_a_case_of_another_team_counts_and_is_not_shown(
        stories, after_course):  # noqa: F811
    """The specialist is not in the team of the client's other case; the rules know it."""
    story = stories["marta"]
    own = after_course(story)
    other = story.worker.create("/v1/cases", {"client_id": own["client_id"],
                                              "opened_on": "2017-08-15"})
    support(story, other, proceeding(story, other), starts_on="2018-04-01", ends_on="2018-04-30")
    place = f"/v1/cases/{own['id']}/consultations"
    aftercare = {"entitlement": "aftercare", "specialist_kind": "psychologist"}
    refused = story.psychologist.create(place, hour("2018-04-10T08:00:00Z", **aftercare),
                                        expect="criminal_support_active")
    for told in ("2018-04-30", other["id"], "11816000118"):
        assert told not in json.dumps(refused)
    story.psychologist.create(place, hour("2018-05-02T08:00:00Z", **aftercare))
    story.psychologist.get(f"/v1/cases/{other['id']}/support_periods", expect=404)
    # R4: its basis stands for support in the own case, too.
    story.lawyer.create(place, hour("2018-04-10T10:00:00Z"))
    assert story.lawyer.create(place, hour("2018-05-10T10:00:00Z"), expect=422)["code"] \
        == "no_support_basis"
