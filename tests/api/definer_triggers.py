"""What the triggers do that run as the owner, for test_definer.py: the laws of one table each."""

from stage import Law, Refused

GONE = ("UPDATE transfers SET state = 'accepted', answered_on = '2018-03-05', answered_at = now(),"
        " answered_by = %(receiver)s, new_client_id = %(new_client)s, new_case_id = %(new_case)s"
        " WHERE id = %(waiting)s")
# A row of the waiting case begins with these.
OF_CASE = "id, provider_id, client_id, case_id"
THIS_CASE = "%(marta)s, %(waiting_client)s, %(waiting_case)s"
KEY = "(SELECT key_id FROM clients WHERE id = %(waiting_client)s)"


# Accounts and the audit

ACCOUNT = ("INSERT INTO users (id, email, name, role, provider_id, profession, enrolled_at,"
           " approved_at) VALUES (%(new)s::uuid, %(new)s::text || '@example.org', 'N',"
           " 'case_worker', %(marta)s, 'social_worker', '2018-01-01', '2018-01-01')",)
PASSWORD = "INSERT INTO credentials (user_id, hash) VALUES (%(new)s, '$argon2id$x')"

LAWS = [
    Law("record_change", "worker",
        "UPDATE clients SET do_not_contact = true, version = 7 WHERE id = %(client)s",
        probe="SELECT 1 FROM audit_events a JOIN events e ON e.row_id = a.row_id AND e.at = now()"
              " AND e.version = 7 WHERE a.row_id = %(client)s AND a.user_id = %(worker)s"
              " AND a.at = now() AND a.fields = '{do_not_contact}'",
        wrong={"nobody is said to act": Refused({"actor": ""}, "P0001")}),
    Law("credentials_set", "admin", PASSWORD, prepare=ACCOUNT,
        probe="SELECT 1 FROM users WHERE id = %(new)s AND NOT approved AND enrolled_at IS NULL"
              " AND approved_by IS NULL AND handled_by = ARRAY[%(admin)s::uuid]",
        wrong={"it is the holder's own": {"user_id": "new"}}),
    Law("credentials_set", "admin", PASSWORD,
        prepare=(*ACCOUNT, "UPDATE users SET approved_at = NULL, enrolled_at = NULL"
                           " WHERE id = %(new)s"),
        probe="SELECT 1 FROM users WHERE id = %(new)s AND enrolled_at = now()",
        settings={"user_id": "new"},
        wrong={"another sets it": {"user_id": "admin"},
               "it was enrolled before": "UPDATE users SET enrolled_at = '2018-01-01'"
                                         " WHERE id = %(new)s"}),
]


# Limits and their counters

LIMIT = ("INSERT INTO limits (id, ruleset_id, code, service, unit, amount, per, period,"
         " counter_id, enforcement) VALUES (%(new)s, %(other)s, 'family', 'family',"
         " 'consultations', 5, 'client', 'whole', %(new)s, 'block')")
RULESET = ("INSERT INTO rulesets (id, code, title, law, starts_on, ends_on, aftercare_minutes,"
           " no_show_consumes, witness_supported, interpreter_only_where_none, plan_due_days,"
           " evaluation_days) VALUES (%(other)s, 'T-2', 'T', 'T', '0100-01-01', '0100-12-31', 60,"
           " false, false, false, 14, 30)",)
COUNTER = ("INSERT INTO limit_usages (id, limit_id, holder_id, provider_id, client_id, case_id,"
           " period, amount, enforcement) SELECT %(new)s, id, {holder}, " + THIS_CASE +
           ", '2031', 5, 'block' FROM limits WHERE code = '{code}' AND counter_id = id"
           " AND ruleset_id IS NOT NULL ORDER BY id LIMIT 1")
OWN = "%(waiting_client)s"
FAMILY = "UPDATE limits SET {} WHERE code = 'family' AND ruleset_id IS NOT NULL"
MINUTES = "UPDATE limits SET {} WHERE code = 'criminal_support_minutes'"

LAWS += [
    Law("limit_arrives", "ministry", LIMIT, prepare=RULESET,
        probe="SELECT 1 FROM limits l JOIN limits f ON f.id = l.counter_id WHERE l.id = %(new)s"
              " AND f.id <> l.id AND f.code = 'family'",
        wrong={"it is per another": FAMILY.format("per = 'case'"),
               "it is of another period": FAMILY.format("period = 'calendar_year'"),
               "it has another name": "DELETE FROM limits WHERE code = 'family'"}),
    Law("limit_usage_arrives", "worker",
        COUNTER.format(holder=OWN, code="criminal_support_minutes"),
        probe="SELECT 1 FROM limit_usages WHERE id = %(new)s AND own AND provider_id = %(marta)s"
              " AND client_id = %(waiting_client)s AND case_id IS NULL",
        wrong={"it is per client": MINUTES.format("per = 'client'"),
               "it is per case": MINUTES.format("per = 'case'")}),
    Law("limit_usage_arrives", "worker",
        COUNTER.format(holder=OWN, code="criminal_support_minutes"),
        prepare=(MINUTES.format("per = 'contract'"),),
        probe="SELECT 1 FROM limit_usages WHERE id = %(new)s AND own AND provider_id = %(marta)s",
        wrong={"it is per client": MINUTES.format("per = 'client'")}),
    Law("limit_usage_arrives", "worker",
        COUNTER.format(holder="%(other)s", code="criminal_support_minutes"),
        probe="SELECT 1 FROM limit_usages WHERE id = %(new)s AND NOT own AND provider_id IS NULL"
              " AND client_id IS NULL AND case_id IS NULL",
        wrong={"it is per client": MINUTES.format("per = 'client'"),
               "it is per case": MINUTES.format("per = 'case'")}),
    Law("limit_usage_arrives", "worker",
        COUNTER.format(holder="%(waiting_case)s", code="aftercare"),
        probe="SELECT 1 FROM limit_usages WHERE id = %(new)s AND NOT own"
              " AND provider_id = %(marta)s AND case_id = %(waiting_case)s",
        wrong={f"it is per {per}": f"UPDATE limits SET per = '{per}' WHERE code = 'aftercare'"
               for per in ("client", "person", "contract")}),
]


# Clients and persons

CLIENT = ("INSERT INTO clients (id, provider_id, key_id, given_name, first_contact_on, number,"
          " person_id, personal_code_index) SELECT %(new)s, {}, key_id, '\\x00', '2018-01-08',"
          " 'MINE', (SELECT person_id FROM clients WHERE id = %(waiting_client)s), '\\x7701'"
          " FROM clients WHERE id = {}")
NEW_CLIENT = CLIENT.format("%(marta)s", "%(client)s")
PERSON = ("SELECT 1 FROM clients n, clients o WHERE n.id = {} AND o.id = {}"
          " AND n.person_id = o.person_id")
COMING = ("UPDATE transfers SET answered_at = now(), new_client_id = %(new)s"
          " WHERE id = %(transfer)s",)
SAME = "UPDATE clients SET {} WHERE id IN (%(waiting_client)s, %(new_client)s)"
KNOWN = ("UPDATE clients SET person_id = (SELECT person_id FROM clients WHERE id = %(new_client)s)"
         " WHERE id = %(waiting_client)s")
MATCHED = ("SELECT 1 FROM person_matches m JOIN clients c ON c.person_id = m.likely_person_id"
           " WHERE m.client_id = %(waiting_client)s AND c.id = %(new_client)s AND m.basis = '{}'"
           " AND m.state = 'open'")
LINK = ("UPDATE person_matches SET state = 'linked', version = version + 1 WHERE id = %(new)s")
MATCH = ("INSERT INTO person_matches (id, provider_id, client_id, person_id, likely_person_id,"
         " basis) SELECT %(new)s, %(marta)s, c.id, c.person_id, o.person_id, 'personal_code'"
         " FROM clients c, clients o WHERE c.id = %(waiting_client)s AND o.id = %(new_client)s",
         "UPDATE cases SET status = 'aftercare' WHERE id = %(waiting_case)s")

LAWS += [
    Law("client_arrives", "worker", NEW_CLIENT,
        probe="SELECT 1 FROM clients WHERE id = %(new)s AND number LIKE"
              " extract(year FROM riga_today()) || '-____%%'",
        wrong={"the operator brings it": {"actor": "cli"}}),
    Law("client_arrives", "worker", NEW_CLIENT,
        probe="SELECT 1 FROM clients n, clients o WHERE n.id = %(new)s AND n.person_id <>"
              " o.person_id AND o.id = %(waiting_client)s",
        wrong={"the operator brings it": {"actor": "cli"}}),
    Law("client_arrives", "worker", NEW_CLIENT,
        prepare=("UPDATE clients SET personal_code_index = '\\x7701' WHERE id = %(new_client)s",),
        probe=PERSON.format("%(new)s", "%(new_client)s"),
        wrong={"the code is another": "UPDATE clients SET personal_code_index = '\\x7702'"
                                      " WHERE id = %(new_client)s"}),
    Law("client_arrives", "receiver", CLIENT.format("%(dm)s", "%(new_client)s"), prepare=COMING,
        probe=PERSON.format("%(new)s", "%(client)s"),
        wrong={"the transfer brings another client": "UPDATE transfers SET new_client_id ="
                                                     " %(other)s WHERE id = %(transfer)s",
               "the transfer goes elsewhere": "UPDATE transfers SET provider_id = %(dm)s,"
                                              " to_provider_id = %(marta)s"
                                              " WHERE id = %(transfer)s"}),
    Law("client_matches", "worker",
        "UPDATE clients SET identity_index = '\\x55', version = 7 WHERE id = %(waiting_client)s",
        prepare=(SAME.format("personal_code_index = NULL, identity_index = '\\x55'"),
                 "UPDATE clients SET identity_index = '\\x56' WHERE id = %(waiting_client)s"),
        probe=MATCHED.format("name_and_birth_date"), wrong={
            "the name is another": "UPDATE clients SET identity_index = '\\x57'"
                                   " WHERE id = %(new_client)s",
            "the codes contradict": SAME.format("personal_code_index = id::text::bytea"),
            "it was so before": SAME.format("identity_index = '\\x55'"),
            "it is known as the person": KNOWN}),
    Law("client_matches", "worker",
        "UPDATE clients SET personal_code_index = '\\x55', version = 7"
        " WHERE id = %(waiting_client)s",
        prepare=(SAME.format("identity_index = NULL, personal_code_index = '\\x55'"),
                 "UPDATE clients SET personal_code_index = NULL WHERE id = %(waiting_client)s"),
        probe=MATCHED.format("personal_code"), wrong={
            "the code is another": "UPDATE clients SET personal_code_index = '\\x57'"
                                   " WHERE id = %(new_client)s",
            "it was so before": SAME.format("personal_code_index = '\\x55'"),
            "it is known as the person": KNOWN}),
    Law("person_match_decided", "agency", LINK, prepare=MATCH,
        probe=PERSON.format("%(waiting_client)s", "%(new_client)s"), wrong={
            "they were separated": "UPDATE person_matches SET state = 'separated'"
                                   " WHERE id = %(new)s",
            "both courses run": Refused("UPDATE cases SET status = 'in_course'"
                                        " WHERE id = %(waiting_case)s", "cases_running_course")}),
]


# Cases

CASE = ("INSERT INTO cases (id, provider_id, client_id, key_id, opened_on, number, person_id)"
        " SELECT %(new)s, provider_id, id, key_id, '2019-07-20', 'MINE', (SELECT person_id FROM"
        " cases WHERE id = %(case)s) FROM clients WHERE id = %(waiting_client)s")
CLOSE = ("UPDATE cases SET status = 'closed', closed_on = '2018-08-01', close_reason = 'other',"
         " version = 7 WHERE id = %(waiting_case)s")
OTHER_CASE = ("INSERT INTO cases (id, provider_id, client_id, key_id, person_id, number, opened_on,"
              " status, closed_on, close_reason) SELECT %(new)s, provider_id, id, key_id,"
              " person_id, 'O-1', '2018-01-08', '{}', '2018-01-09', 'other' FROM clients"
              " WHERE id = %(waiting_client)s")
FORMER = "SELECT 1 FROM clients WHERE id = %(waiting_client)s AND status = 'former'"
RULED = ("SELECT 1 FROM cases c JOIN rulesets r ON r.id = c.ruleset_id WHERE c.id = {}"
         " AND r.code = '{}'")

LAWS += [
    Law("case_arrives", "worker", CASE,
        probe="SELECT 1 FROM cases c JOIN clients k ON k.id = c.client_id WHERE c.id = %(new)s"
              " AND c.number = k.number || '-2'",
        wrong={"the operator brings it": {"actor": "cli"}}),
    Law("case_arrives", "worker", CASE,
        probe="SELECT 1 FROM cases n, cases o WHERE n.id = %(new)s AND n.person_id ="
              " o.person_id AND o.id = %(waiting_case)s",
        wrong={"the client is another person": "UPDATE clients SET person_id = (SELECT person_id"
               " FROM cases WHERE id = %(case)s) WHERE id = %(waiting_client)s"}),
    Law("case_ruleset", "worker", CASE, probe=RULED.format("%(new)s", "MK344-2019"),
        wrong={"the rule set begins a day later": "UPDATE rulesets SET starts_on = '2019-07-21'"
                                                  " WHERE code = 'MK344-2019'"}),
    Law("case_ruleset", "worker",
        "UPDATE cases SET received_on = '2019-07-20', version = 7 WHERE id = %(waiting_case)s",
        probe=RULED.format("%(waiting_case)s", "MK344-2019"),
        wrong={"the rule set begins a day later": "UPDATE rulesets SET starts_on = '2019-07-21'"
                                                  " WHERE code = 'MK344-2019'"}),
    Law("case_ruleset", "worker",
        "UPDATE cases SET received_on = NULL, version = 7 WHERE id = %(waiting_case)s",
        prepare=("UPDATE cases SET opened_on = '2019-07-20' WHERE id = %(waiting_case)s",),
        probe=RULED.format("%(waiting_case)s", "MK344-2019"),
        wrong={"it was opened a day earlier": "UPDATE cases SET opened_on = '2019-07-19'"
                                              " WHERE id = %(waiting_case)s"}),
    *[Law("case_moved", "worker", CLOSE, prepare=before, probe=FORMER, wrong={
        "another case runs": OTHER_CASE.format("inquiry") if not before else
        "UPDATE cases SET status = 'refused' WHERE id = %(new)s"})
      for before in ((), (OTHER_CASE.format("closed"),), (OTHER_CASE.format("withdrawn"),))],
    *[Law("case_moved", "worker", f"UPDATE cases SET status = '{status}', version = 7"
                                  " WHERE id = %(waiting_case)s",
          prepare=("UPDATE cases SET status = 'refused' WHERE id = %(waiting_case)s",
                   "UPDATE clients SET status = 'potential' WHERE id = %(waiting_client)s"),
          probe="SELECT 1 FROM clients WHERE id = %(waiting_client)s AND status = 'active'",
          wrong={"it stood there before": f"UPDATE cases SET status = '{status}'"
                                          " WHERE id = %(waiting_case)s"})
      for status in ("granted", "in_course", "suspended", "aftercare")],
    Law("case_moved", "worker", CLOSE,
        probe="SELECT 1 FROM case_transitions WHERE case_id = %(waiting_case)s AND decided"
              " AND \"from\" = 'in_course' AND \"to\" = 'closed' AND created_at = now()",
        wrong={"a step has told it": "INSERT INTO case_transitions (" + OF_CASE + ", key_id,"
               " \"from\", \"to\", happened_on) VALUES (%(new)s, " + THIS_CASE + ", " + KEY +
               ", 'in_course', 'closed', '2018-08-01')"}),
]


# Sittings

VOTE = ("UPDATE identification_members SET vote = 'meets', voted_at = now(), voted_by ="
        " %(psychologist)s, version = 7 WHERE id = %(seat)s")
CAST = ("UPDATE identification_members SET vote = 'does_not_meet', voted_at = now(), voted_by ="
        " %(psychologist)s WHERE id = %(seat)s",)
SHUT = ("UPDATE identifications SET conclusion = 'meets', closed_on = '2018-01-22'"
        " WHERE id = %(sitting)s")
VOTED = "SELECT 1 FROM identification_members WHERE id = %(seat)s AND vote = 'meets'"
SIT = ("INSERT INTO identification_members (" + OF_CASE + ", identification_id, key_id, user_id,"
       " profession) VALUES (%(other)s, " + THIS_CASE + ", %(sitting)s, " + KEY + ", %(new)s,"
       " 'social_worker')")
SITS = "SELECT 1 FROM identification_members WHERE id = %(other)s"
LEAVE = "DELETE FROM identification_members WHERE id = %(seat)s"
LEFT = ("SELECT 1 WHERE NOT EXISTS (SELECT FROM identification_members WHERE id = %(seat)s)")

LAWS += [
    Law("identification_member_sits", "psychologist", VOTE, probe=VOTED, wrong={
        "the sitting is closed": Refused(SHUT, "identification_members_open"),
        "another account gives it": Refused({"user_id": "worker", "role": "case_worker"},
                                            "identification_members_own_vote")}),
    Law("identification_member_sits", "psychologist", VOTE, prepare=CAST, probe=VOTED, wrong={
        "another account gives it": Refused({"user_id": "worker", "role": "case_worker"},
                                            "identification_members_cast")}),
    Law("identification_member_sits", "worker", SIT, prepare=ACCOUNT, probe=SITS, wrong={
        "the sitting is closed": Refused(SHUT, "identification_members_open"),
        "the account is another provider's": Refused(
            "UPDATE users SET provider_id = %(dm)s WHERE id = %(new)s",
            "identification_members_user"),
        "the account has another profession": Refused(
            "UPDATE users SET profession = 'lawyer' WHERE id = %(new)s",
            "identification_members_profession"),
        "the account has no profession": Refused(
            "UPDATE users SET profession = NULL WHERE id = %(new)s",
            "identification_members_profession")}),
    Law("identification_member_sits", "worker", SIT, probe=SITS,
        prepare=(*ACCOUNT, "UPDATE users SET role = 'commission_member', provider_id = NULL"
                           " WHERE id = %(new)s"),
        wrong={"the account is of the agency": Refused(
            "UPDATE users SET role = 'agency_officer' WHERE id = %(new)s",
            "identification_members_user")}),
    Law("identification_member_sits", "worker", LEAVE, probe=LEFT, wrong={
        "the sitting is closed": Refused(SHUT, "identification_members_open"),
        "the vote is cast": Refused(CAST[0], "identification_members_cast")}),
    Law("identification_closed", "worker", SHUT, probe="SELECT 1 WHERE NOT EXISTS (SELECT FROM"
        " identification_members WHERE identification_id = %(sitting)s AND open)",
        wrong={"it was closed before": SHUT}),
]


# Stays and journeys

STAY = ("INSERT INTO accommodations (" + OF_CASE + ", key_id, place, place_code, country,"
        " starts_on, ends_on, state{}) VALUES ({}, " + THIS_CASE + ", " + KEY + ", 'in_latvia',"
        " 'LV-1', 'LV', '2018-02-01', '2018-02-05', 'occupied'{})")
FIRST_STAY = (STAY.format("", "%(new)s", ""),)
OCCUPY = ("INSERT INTO accommodation_occupants (" + OF_CASE + ", accommodation_id, days) VALUES"
          " (gen_random_uuid(), " + THIS_CASE + ", %(new)s, '[2018-02-01,2018-02-05)')")
OCCUPIED = ("SELECT 1 FROM accommodation_occupants WHERE accommodation_id = {} AND days ="
            " '[2018-02-01,{})'")
NOT_LIVED_IN = {why: f"UPDATE accommodations SET {change} WHERE id = %(new)s" for why, change in (
    ("it is cancelled", "state = 'cancelled'"), ("it is corrected", "superseded = true"))}
TRIP = ("INSERT INTO journeys (" + OF_CASE + ", key_id, direction, from_country, to_country{})"
        " VALUES ({}, " + THIS_CASE + ", " + KEY + ", 'to_service', 'IE', 'LV'{})")
TRAVEL = (TRIP.format("", "%(new)s", ""),
          "INSERT INTO journey_travellers (" + OF_CASE + ", journey_id, kind) VALUES"
          " (gen_random_uuid(), " + THIS_CASE + ", %(new)s, 'client')",
          "INSERT INTO escorts (" + OF_CASE + ", journey_id, key_id, user_id, funding) VALUES"
          " (gen_random_uuid(), " + THIS_CASE + ", %(new)s, " + KEY + ", %(worker)s, 'other')")

LAWS += [
    Law("accommodation_occupant_arrives", "worker",
        OCCUPY.replace("[2018-02-01,2018-02-05)", "[1990-01-01,1990-01-02)"), prepare=FIRST_STAY,
        probe=OCCUPIED.format("%(new)s", "2018-02-05"), wrong=NOT_LIVED_IN),
    Law("accommodation_moves", "worker",
        "UPDATE accommodations SET ends_on = '2018-02-07', version = 7 WHERE id = %(new)s",
        prepare=(*FIRST_STAY, OCCUPY), probe=OCCUPIED.format("%(new)s", "2018-02-07"),
        wrong=NOT_LIVED_IN),
    Law("accommodation_corrected", "worker",
        STAY.format(", corrects_id", "%(other)s", ", %(new)s"),
        prepare=(*FIRST_STAY, OCCUPY, "UPDATE accommodation_occupants SET days = 'empty'",
                 "UPDATE accommodations SET superseded = true WHERE id = %(new)s"),
        probe=OCCUPIED.format("%(other)s", "2018-02-05"),
        wrong={"nobody was in": "DELETE FROM accommodation_occupants",
               "they were in another case's": "UPDATE accommodation_occupants SET case_id ="
                                              " %(case)s WHERE accommodation_id = %(new)s"}),
    *[Law("journey_corrected", "worker", TRIP.format(", corrects_id", "%(other)s", ", %(new)s"),
          prepare=TRAVEL, probe=f"SELECT 1 FROM {along} WHERE journey_id = %(other)s",
          wrong={"nobody was along": f"DELETE FROM {along} WHERE journey_id = %(new)s",
                 "they were along in another case's": f"UPDATE {along} SET case_id = %(case)s"
                                                      " WHERE journey_id = %(new)s"})
      for along in ("journey_travellers", "escorts")],
]


# What goes with a transfer, and what no longer happens at the giver

USED = ("INSERT INTO limit_usages (id, limit_id, holder_id, provider_id, client_id, period, amount,"
        " used, enforcement) SELECT %(new)s, id, %(client)s, %(marta)s, %(client)s, 'whole', 5, 2,"
        " 'block' FROM limits WHERE code = 'family' AND ruleset_id IS NOT NULL LIMIT 1",)
ENTRY = ("INSERT INTO limit_entries (id, usage_id, provider_id, client_id, case_id, act, act_id,"
         " units) VALUES (%(new)s, %(new)s, %(marta)s, %(client)s, %(case)s, 'consultations',"
         " %(other)s, 2)")
COPY = ("INSERT INTO limit_usages (id, limit_id, holder_id, provider_id, client_id, period, amount,"
        " used, enforcement) SELECT %(other)s, limit_id, %(new_client)s, %(dm)s, %(new_client)s,"
        " 'whole', 5, 2, 'block' FROM limit_usages WHERE id = %(new)s",
        "INSERT INTO limit_entries (usage_id, provider_id, client_id, case_id, act, act_id, units,"
        " copied_from) VALUES (%(other)s, %(dm)s, %(new_client)s, %(new_case)s, 'consultations',"
        " %(other)s, 2, %(new)s)")
# Another act's copy, which stays.
OTHER_COPY = ("INSERT INTO limit_entries (id, usage_id, provider_id, client_id, case_id, act,"
              " act_id, units, copied_from) VALUES (%(other)s, %(other)s, %(dm)s, %(new_client)s,"
              " %(new_case)s, 'consultations', %(new)s, 1, %(other)s)",
              "UPDATE limit_usages SET used = 3 WHERE id = %(other)s")
COPIED = ("SELECT 1 FROM limit_entries e JOIN limit_usages u ON u.id = e.usage_id WHERE"
          " e.copied_from = %(new)s AND e.given_back_at IS {} AND u.used = {}"
          " AND u.holder_id = %(new_client)s AND e.case_id = %(new_case)s")
PAPER = ("INSERT INTO applications (" + OF_CASE + ", key_id, received_on, chosen_provider_id)"
         " VALUES (%(new)s, " + THIS_CASE + ", " + KEY + ", '2018-01-15', %(marta)s)")
OPEN_AGAIN = "UPDATE cases SET status = 'aftercare', version = 7 WHERE id = %(waiting_case)s"
MOVE = ("UPDATE consultations SET starts_at = '2018-03-05 22:59+02', ends_at ="
        " '2018-03-05 23:59+02', version = 7 WHERE case_id = %(case)s")

LAWS += [
    Law("entry_follows", "worker", ENTRY, prepare=USED, probe=COPIED.format("NULL", 2), wrong={
        "the transfer waits": "UPDATE transfers SET state = 'requested', answered_on = NULL,"
                              " answered_at = NULL, answered_by = NULL, new_client_id = NULL,"
                              " new_case_id = NULL WHERE id = %(transfer)s",
        "the transfer is of another case": "UPDATE transfers SET case_id = %(new)s"
                                           " WHERE id = %(transfer)s",
        "the counter is a person's": "UPDATE limit_usages SET holder_id = %(other)s"
                                     " WHERE id = %(new)s"}),
    Law("entry_follows", "worker",
        "UPDATE limit_entries SET given_back_at = now() WHERE id = %(new)s",
        prepare=(*USED, ENTRY, *COPY, *OTHER_COPY), probe=COPIED.format("NOT NULL", 1), wrong={
            "it was given back before": "UPDATE limit_entries SET given_back_at = '2018-01-01'"
                                        " WHERE id = %(new)s",
            "the copy is of another": "UPDATE limit_entries SET copied_from = id"
                                      " WHERE copied_from = %(new)s"}),
    Law("case_has_gone", "worker", PAPER, probe="SELECT 1 FROM applications WHERE id = %(new)s",
        wrong={"the transfer is accepted": Refused(GONE, "cases_transferred")}),
    Law("case_has_gone", "worker", OPEN_AGAIN,
        prepare=("UPDATE cases SET status = 'closed', closed_on = '2018-03-05', close_reason ="
                 " 'other' WHERE id = %(waiting_case)s",),
        probe="SELECT 1 FROM cases WHERE id = %(waiting_case)s AND status = 'aftercare'",
        wrong={"the transfer is accepted": Refused(GONE, "cases_transferred")}),
    Law("case_had_gone", "worker", MOVE,
        probe="SELECT 1 FROM consultations WHERE case_id = %(case)s AND version = 7",
        wrong={"the case went a day earlier": Refused(
            "UPDATE transfers SET answered_on = '2018-03-04' WHERE id = %(transfer)s",
            "cases_transferred")}),
    Law("case_had_gone", "worker", MOVE,
        prepare=("UPDATE transfers SET answered_on = '2018-03-01' WHERE id = %(transfer)s",
                 "UPDATE consultations SET starts_at = '2018-03-05 10:00+02', ends_at ="
                 " '2018-03-05 11:00+02' WHERE case_id = %(case)s"),
        probe="SELECT 1 FROM consultations WHERE case_id = %(case)s AND version = 7",
        wrong={"it was held a day earlier": Refused(
            "UPDATE consultations SET starts_at = '2018-03-04 10:00+02', ends_at ="
            " '2018-03-04 11:00+02' WHERE case_id = %(case)s", "cases_transferred")}),
]


# Statements and files

STATEMENT = ("INSERT INTO statements (id, provider_id, contract_id, month, state, cents) VALUES"
             " ({}, {}, %(contract)s, '{}', '{}', {})")
DRAFT = STATEMENT.format("%(new)s", "%(marta)s", "2018-02", "drafted", "NULL")
PRICED = ("DELETE FROM contract_parties WHERE contract_id <> %(contract)s",
          "DELETE FROM statements WHERE contract_id = %(contract)s",
          "DELETE FROM contract_rates WHERE contract_id = %(contract)s",
          "INSERT INTO contract_rates (id, contract_id, service, unit, cents, starts_on, ends_on)"
          " SELECT gen_random_uuid(), %(contract)s, service, unit, 5, '2017-01-01', '2018-12-31'"
          " FROM service_units")
SUBMIT = "UPDATE statements SET state = 'submitted', version = 7 WHERE id = %(new)s"
FROZEN = ("SELECT 1 FROM statements s WHERE id = %(new)s AND cents = (SELECT sum(cents) FROM"
          " frozen_statement_items WHERE statement_id = s.id) AND cents = (SELECT sum(cents) FROM"
          " frozen_statement_lines WHERE statement_id = s.id)")


def after(state, cents="0", provider="%(marta)s", month="2018-03"):
    return STATEMENT.format("gen_random_uuid()", provider, month, state, cents)


UPLOAD = ("INSERT INTO attachments (" + OF_CASE + ", key_id, kind, name, media_type, size, sha256,"
          " created_by) SELECT {}, " + THIS_CASE + ", " + KEY + ", 'other', '\\x00', 'text/plain',"
          " 1, '\\x00', %(worker)s FROM generate_series(1, {})")
OPEN = ("DELETE FROM attachments",
        UPLOAD.format("gen_random_uuid()", 8))
ALL_OPEN = "UPDATE attachments SET {} WHERE created_by = %(worker)s"
ONE_LESS = f"{ALL_OPEN} AND id = (SELECT min(id::text)::uuid FROM attachments)"
UPLOADED = "SELECT 1 FROM attachments WHERE id = %(new)s"
PIECES = (*OPEN, UPLOAD.format("%(new)s", 1), "UPDATE attachments SET state = 'complete',"
          " completed_at = now() WHERE id = %(new)s", "INSERT INTO attachment_pieces (" + OF_CASE +
          ", attachment_id, number, sealed) VALUES (%(other)s, " + THIS_CASE + ", %(new)s, 0,"
          " '\\x00')")

LAWS += [
    Law("statement_moves", "manager", SUBMIT, prepare=(*PRICED, DRAFT), probe=FROZEN, wrong={
        "a later one is submitted": Refused(after("submitted"), "statements_order"),
        "a later one is accepted": Refused(after("accepted"), "statements_order"),
        "an earlier one is drafted": Refused(after("drafted", "NULL", month="2018-01"),
                                             "statements_order"),
        "an earlier one is returned": Refused(
            after("drafted", "NULL", month="2018-01").replace("drafted", "returned")
            .replace("cents)", "cents, reason)").replace("NULL)", "0, 'x')"), "statements_order"),
        "an act has no price": Refused("DELETE FROM contract_rates WHERE contract_id ="
                                       " %(contract)s", "frozen_statement_items_rate")}),
    Law("statement_moves", "manager", SUBMIT, probe=FROZEN,
        prepare=(*PRICED, DRAFT, after("submitted", provider="%(dm)s"), after("drafted", "NULL"),
                 after("submitted", month="2018-01")),
        wrong={"the later one is the provider's": Refused(
            "UPDATE statements SET state = 'submitted', cents = 0 WHERE month = '2018-03'"
            " AND contract_id = %(contract)s", "statements_order")}),
    Law("statement_moves", "manager", DRAFT, prepare=PRICED,
        probe="SELECT 1 FROM statements WHERE id = %(new)s",
        wrong={"a later one is submitted": Refused(after("submitted"), "statements_order")}),
    *[Law("attachments_admit", "worker", UPLOAD.format("%(new)s", 1), probe=UPLOADED,
          prepare=(*OPEN, ONE_LESS.format(less)), wrong={"eight are open": Refused(
              ALL_OPEN.format(again), "attachments_open_uploads")})
      for less, again in (
          ("state = 'complete', completed_at = now()",
           "state = 'uploading', completed_at = NULL"),
          ("created_at = now() - interval '24 hours'",
           "created_at = now() - interval '24 hours' + interval '1 microsecond'"))],
    Law("attachments_empty", "worker", "UPDATE attachments SET state = 'withdrawn',"
        " withdrawal_reason = '\\x00', version = 7 WHERE id = %(new)s", prepare=PIECES,
        probe="SELECT 1 WHERE NOT EXISTS (SELECT FROM"
        " attachment_pieces WHERE id = %(other)s)", wrong={
            "the piece is another file's": "UPDATE attachment_pieces SET attachment_id = (SELECT"
            " id FROM attachments WHERE id <> %(new)s LIMIT 1) WHERE id = %(other)s"}),
]
