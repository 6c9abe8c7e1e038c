"""Who is one person: names and codes that match, and what two clients have used before the agency
says that they are one."""

import itertools

import pytest

from admission import case_after_course
from billing import at
from handover import consult
from test_criminal import (after_course, contract_limit, hour, person, stories,  # noqa: F401
                           supported, use_up, used)

MINUTES = "criminal_support_minutes"
CODES = itertools.count(10000)


def code():
    """One that no other test has."""
    return f"020203-{next(CODES)}"


def matches(story, client):
    return [row for row in story.agency.pages("/v1/person_matches")
            if row["client_id"] == client["id"]]


def link(story, client):
    (match,) = matches(story, client)
    assert match["state"] == "open"
    return story.agency.change(f"/v1/person_matches/{match['id']}", {"state": "linked"})


def later_code(story, client_id, value):
    """An equal code that is found later is a task for the agency, and joins nobody at once."""
    story.worker.change(f"/v1/clients/{client_id}", {"personal_code": value})


def own_use(database, case):
    """The client's own counter of minutes."""
    return database.execute(
        "SELECT u.used FROM limit_usages u JOIN limits l ON l.id = u.limit_id"
        " WHERE u.holder_id = %s AND l.code = %s", [case["client_id"], MINUTES]).fetchall()


# Matches


@pytest.mark.parametrize("first, second, basis", [
    (None, None, "name_and_birth_date"),
    (code(), None, "name_and_birth_date"),
    (None, code(), "name_and_birth_date"),
    (code(), code(), None),
])
def test_a_name_matches_unless_the_codes_contradict_it(marta, dm, first, second, basis):
    name = {"family_name": f"Sakne {next(CODES)}", "given_name": "Anna", "birth_date": "1990-03-03"}
    clients = [story.client(**name, personal_code=value)
               for story, value in ((marta, first), (dm, second))]
    assert matches(marta, clients[0]) == []
    assert [row["basis"] for row in matches(marta, clients[1])] == ([basis] if basis else [])


def test_a_code_that_is_told_later_contradicts_the_name_too(marta, dm):
    name = {"family_name": f"Sakne {next(CODES)}", "given_name": "Anna", "birth_date": "1990-03-03"}
    marta.client(**name, personal_code=code())
    other = dm.client(**name | {"given_name": "Andra"}, personal_code=code())
    dm.worker.change(f"/v1/clients/{other['id']}", {"given_name": "Anna"})
    assert matches(marta, other) == []


@pytest.mark.parametrize("differs", [{"given_name": "Andra"}, {"birth_date": "1990-03-04"}])
def test_another_name_or_birth_date_matches_nobody(marta, dm, differs):
    name = {"family_name": f"Sakne {next(CODES)}", "given_name": "Anna", "birth_date": "1990-03-03"}
    marta.client(**name)
    assert matches(marta, dm.client(**name | differs)) == []


# What both have used


@pytest.fixture
def two(stories, after_course, contract_limit):  # noqa: F811
    """Two supported clients, at each provider one, whom only a code that is told later joins."""
    made = {name: after_course(story) for name, story in stories.items()}
    for name, story in stories.items():
        supported(story, made[name])
    value = code()
    later_code(stories["marta"], made["marta"]["client_id"], value)
    later_code(stories["dm"], made["dm"]["client_id"], value)
    return made


def test_the_use_of_two_persons_is_one_use_when_they_are_linked(stories, two, database):
    """Consultations and minutes of both; each client's own count stays its own."""
    places = {name: f"/v1/cases/{case['id']}/consultations" for name, case in two.items()}
    made = {name: [stories[name].worker.create(places[name], hour()) for _ in range(times)]
            for name, times in (("marta", 2), ("dm", 3))}
    persons = {person(database, case) for case in two.values()}
    assert len(persons) == 2
    assert [used(database, two[name]) for name in two] == [{"2018": 120}, {"2018": 180}]
    assert link(stories["dm"], {"id": two["dm"]["client_id"]})["state"] == "linked"
    joined = {person(database, case) for case in two.values()}
    assert len(joined) == 1 and joined < persons
    for name in two:
        assert used(database, two[name]) == {"2018": 300}
        assert used(database, two[name], "criminal_support_consultations") == {"2018": 5}
    for name, minutes in (("marta", 120), ("dm", 180)):
        assert own_use(database, two[name]) == [(minutes,)]
    (gone,) = persons - joined
    left = database.execute("SELECT count(*) FROM limit_usages WHERE holder_id = %s", [gone])
    assert left.fetchone() == (0,)
    # Either side's acts come and go on the one counter.
    stories["marta"].worker.change(f"{places['marta']}/{made['marta'][0]['id']}",
                                   {"outcome": "cancelled"})
    assert used(database, two["dm"]) == {"2018": 240}
    stories["dm"].worker.create(places["dm"], hour())
    assert used(database, two["marta"]) == {"2018": 300}


def test_the_use_of_both_counts_even_beyond_the_limit(stories, two, database):
    """Nothing is lost, nothing more is paid for, and what goes back counts from the sum."""
    amount = database.execute(
        "SELECT l.amount FROM limits l JOIN rulesets r ON r.id = l.ruleset_id"
        " WHERE l.code = %s AND r.code = 'MK889-2013'", [MINUTES]).fetchone()[0]
    for case in two.values():
        use_up(database, case, MINUTES, amount - 90)
    places = {name: f"/v1/cases/{case['id']}/consultations" for name, case in two.items()}
    made = {name: stories[name].worker.create(places[name], hour()) for name in two}
    link(stories["dm"], {"id": two["dm"]["client_id"]})
    for name in two:
        assert used(database, two[name]) == {"2018": 2 * (amount - 30)}
        refused = stories[name].worker.create(places[name], hour(minutes=1), expect=409)
        assert refused["code"] == "yearly_limit_reached"
    stories["marta"].worker.change(f"{places['marta']}/{made['marta']['id']}",
                                   {"outcome": "cancelled"})
    assert used(database, two["dm"]) == {"2018": 2 * (amount - 30) - 60}
    refused = stories["dm"].worker.create(places["dm"], hour(minutes=1), expect=409)
    assert refused["code"] == "yearly_limit_reached"


# A transfer that passes the limit


def test_a_transfer_copies_its_usage_even_beyond_the_limit(marta, dm, database):
    """The receiver's own client has used three of the family's five, and the giver's three more."""
    minor, family = {"birth_date": "2003-06-15"}, {"entitlement": "family", "outcome": "held"}
    own = case_after_course(database, dm, **minor)
    case = marta.case_in("in_course", **minor)
    for story, where, month in ((marta, case, "02"), (dm, own, "01")):
        member = story.family_member(where["client_id"], in_latvia=True)
        for number in (14, 15, 16):
            consult(story, where, at(f"2018-{month}-{number}"), family_member_id=member["id"],
                    **family)
    value = code()
    later_code(marta, case["client_id"], value)
    later_code(dm, own["client_id"], value)
    link(dm, {"id": own["client_id"]})
    new = dm.received(marta.transfer(case, dm))
    assert new["client_id"] == own["client_id"]
    counted = dm.entitlement(new, "family")
    assert (counted["used"], counted["remaining"]) == (6, 0)
    assert dm.entitlement(own, "family")["used"] == 6
    assert marta.entitlement(case, "family")["used"] == 3
    member = dm.family_member(new["client_id"], in_latvia=True)
    for where in (new, own):
        refused = consult(dm, where, at("2018-03-14"), family_member_id=member["id"], expect=409,
                          entitlement="family")
        assert refused["code"] == "family_limit_reached"
    consult(dm, new, at("2018-03-14"), family_member_id=member["id"], entitlement="family",
            funding="provider_own")
