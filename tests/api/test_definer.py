"""Functions that run as the owner and that the service's role may call: each is called by the right
user at the right time, and then with one condition broken at a time.

What the catalog holds and nobody has described here, or in definer_triggers.py, fails.
"""

import uuid

import psycopg
import pytest

from stage import Law, Refused, Stage, judge, plays
from story import at
import definer_triggers as triggers

# What only other functions of the owner's call.
INSIDE = {"attachments_sweep", "entries_give_back", "entry_travels", "handover", "person_join",
          "planned_ends"}
CONTRACT = "01890000-0000-7000-8000-00000000c001"

# The accepting transaction, told apart from all others by its time.
ACCEPTING = ("UPDATE transfers SET answered_at = now(), answered_by = %(receiver)s"
             " WHERE id = %(transfer)s",)
NOT_ACCEPTING = {
    "it is not accepted": "UPDATE transfers SET state = 'rejected', rejection_reason = '\\x00',"
                          " new_client_id = NULL, new_case_id = NULL WHERE id = %(transfer)s",
    "another transaction accepted it": "UPDATE transfers SET answered_at = now()"
                                       " - interval '1 microsecond' WHERE id = %(transfer)s",
    "a colleague accepted it": "UPDATE transfers SET answered_by = %(colleague)s"
                               " WHERE id = %(transfer)s",
    "the caller is of the giver": {"provider_id": "marta"},
    "the caller is of no provider": {"provider_id": ""},
    "the caller is a specialist": {"role": "specialist"},
    "the caller has no role": {"role": ""},
}
RAISED = {why: Refused(change, "P0002") for why, change in NOT_ACCEPTING.items()}
TRAVELS = ("data_keys", "clients", "representatives", "family_members", "trafficking_profiles",
           "reflection_periods", "criminal_proceedings", "support_periods", "cases", "case_flags")
NOTE = "SELECT id FROM handover_notes(%(transfer)s, '00000000-0000-0000-0000-000000000000', 9)"
HELD_NOTE = (f"{NOTE} WHERE origin = 'consultations'")
NOT_RECEIVER = {why: NOT_ACCEPTING[why] for why in (
    "the caller is of the giver", "the caller is of no provider", "the caller is a specialist",
    "the caller has no role")}
REJECT = ("SELECT transfer_answer(%(waiting)s, 'rejected', riga_today(), '\\x00', NULL, NULL,"
          " NULL)")
# Of all contracts this one alone has the provider's acts, and no price for them.
# Other tests of the session bill acts of January, so the contract begins with February.
ALONE = ("DELETE FROM contract_parties WHERE contract_id <> %(contract)s",
         "UPDATE contracts SET starts_on = '2018-02-01' WHERE id = %(contract)s",
         "DELETE FROM contract_rates WHERE contract_id = %(contract)s",
         "DELETE FROM statements WHERE contract_id = %(contract)s",
         "INSERT INTO statements (id, provider_id, contract_id, month)"
         " VALUES (%(new)s, %(marta)s, %(contract)s, '2018-02')")
NOT_MANAGER = {
    "the caller is a case worker": {"role": "case_worker"},
    "the caller has no role": {"role": ""},
    "the caller is of another provider": {"provider_id": "dm"},
    "the caller is of no provider": {"provider_id": ""},
}
USAGE = ("SELECT 1 FROM contract_usage(%(contract)s, '2018-02-01', '2018-02-28')"
         " WHERE provider_id = %(marta)s")
LIMITS = ("SELECT nullif(used, 0) FROM contract_limit_usage(%(contract)s, '2018-02-01',"
          " '2018-02-28') WHERE code = 'family'")
LIMITED = (
    "DELETE FROM limits WHERE contract_id = %(contract)s",
    "INSERT INTO limits (id, contract_id, code, service, unit, amount, per, period, counter_id,"
    " enforcement) VALUES (%(new)s, %(contract)s, 'family', 'family', 'consultations', 5,"
    " 'client', 'whole', %(new)s, 'block')",
    "INSERT INTO limit_usages (id, limit_id, holder_id, provider_id, client_id, period, amount,"
    " used, enforcement) VALUES (%(other)s, %(new)s, %(client)s, %(marta)s, %(client)s, 'whole',"
    " 5, 2, 'block')",
    "INSERT INTO limit_entries (id, usage_id, provider_id, client_id, case_id, act, units, opening)"
    " VALUES (%(new)s, %(other)s, %(marta)s, %(client)s, %(case)s, 'opening', 2, true)")
COUNTER = (
    "INSERT INTO limit_usages (id, limit_id, holder_id, period, amount, enforcement) SELECT"
    " %(other)s, id, %(new)s, 'whole', 5, 'block' FROM limits WHERE code = 'family' LIMIT 1",
    "INSERT INTO limit_usages (id, limit_id, holder_id, period, amount, enforcement) SELECT"
    " %(new)s, limit_id, holder_id, '2018', 5, 'block' FROM limit_usages WHERE id = %(other)s",
    "INSERT INTO limit_entries (usage_id, provider_id, client_id, case_id, act, units, opening,"
    " number) SELECT usage, %(dm)s, %(client)s, %(case)s, 'opening', 1, true, n"
    " FROM (VALUES (%(other)s::uuid, 1), (%(other)s, 3), (%(new)s, 2)) AS v (usage, n)")
APPROVE, APPROVED = ("SELECT approve_user(%(new)s, 1)",
                     "SELECT 1 FROM users WHERE id = %(new)s AND approved"
                     " AND approved_by = %(approver)s")
ACCOUNT = ("INSERT INTO users (id, email, name, role, provider_id, profession, enrolled_at,"
           " handled_by) VALUES (%(new)s::uuid, %(new)s::text || '@example.org', 'N',"
           " 'case_worker', %(marta)s, 'social_worker', now(), '{}')",)
MANAGERS = "UPDATE users SET {} WHERE role = 'provider_manager' AND provider_id = %(marta)s"


def approver(name):
    return APPROVED.replace("approver", name)


LAWS = [
    *[Law(f"handover_{name}", "receiver", f"SELECT id FROM handover_{name}(%(transfer)s)",
          prepare=ACCEPTING, wrong=NOT_ACCEPTING) for name in TRAVELS],
    Law("handover_case_flags", "receiver", "SELECT id FROM handover_case_flags(%(transfer)s)",
        prepare=ACCEPTING, wrong={
            "the flag is lifted": "UPDATE case_flags SET lifted_on = raised_on"
                                  " WHERE case_id = %(case)s",
            "the flag is of another case": "UPDATE case_flags SET case_id = %(waiting_case)s"
                                           " WHERE case_id = %(case)s",
            "the flag is of another client": "UPDATE case_flags SET client_id = %(new)s"
                                             " WHERE case_id = %(case)s"}),
    Law("handover_cases", "receiver",
        "SELECT 1 FROM handover_cases(%(transfer)s) WHERE id = %(waiting_case)s",
        prepare=(*ACCEPTING, "UPDATE transfers SET case_id = %(waiting_case)s,"
                 " client_id = %(waiting_client)s WHERE id = %(transfer)s"),
        wrong={"it is another case of the client": "UPDATE transfers SET case_id = %(case)s"
                                                   " WHERE id = %(transfer)s"}),
    Law("handover_notes", "receiver", f"{NOTE} WHERE origin = 'case_notes'",
        prepare=ACCEPTING, wrong=NOT_ACCEPTING | {
            "no consent lets notes travel": "UPDATE transfers SET notes_travelled = false"
                                            " WHERE id = %(transfer)s",
            "the note is of another case": "UPDATE case_notes SET case_id = %(waiting_case)s"
                                           " WHERE case_id = %(case)s",
            "the note came before": "UPDATE case_notes SET id ="
                                    " '00000000-0000-0000-0000-000000000000'"
                                    " WHERE case_id = %(case)s"}),
    Law("handover_notes", "receiver", HELD_NOTE, prepare=ACCEPTING, wrong={
        "no consent lets notes travel": "UPDATE transfers SET notes_travelled = false"
                                        " WHERE id = %(transfer)s",
        "the consultation is corrected": "UPDATE consultations SET superseded = true"
                                         " WHERE case_id = %(case)s",
        "the consultation has no notes": "UPDATE consultations SET notes = NULL"
                                         " WHERE case_id = %(case)s"}),
    Law("arrives_now", "receiver", "SELECT arrives_now(%(new_case)s)", prepare=ACCEPTING,
        wrong=NOT_ACCEPTING | {
            "no consent lets notes travel": "UPDATE transfers SET notes_travelled = false"
                                            " WHERE id = %(transfer)s",
            "it is another case": "UPDATE transfers SET new_case_id = %(new)s"
                                  " WHERE id = %(transfer)s"}),
    Law("transfer_leaves", "receiver", "SELECT transfer_leaves(%(transfer)s)", prepare=ACCEPTING,
        probe="SELECT 1 FROM case_transitions WHERE case_id = %(case)s AND created_at = now()",
        wrong=RAISED),
    Law("transfer_arrives", "receiver", "SELECT transfer_arrives(%(transfer)s)",
        prepare=(*ACCEPTING, "UPDATE clients SET status = 'former' WHERE id = %(new_client)s"),
        probe="SELECT 1 FROM clients WHERE id = %(new_client)s AND status = 'active'",
        wrong=RAISED),
    # A row's xmax tells who has locked it.
    *[Law("transfer_lock", "receiver", "SELECT transfer_lock(%(waiting)s)",
          prepare=(f"SELECT set_config('stage.locker', xmax::text, true) FROM {table}"
                   f" WHERE id = %({row})s",),
          probe=f"SELECT 1 FROM {table} WHERE id = %({row})s"
                " AND xmax::text <> current_setting('stage.locker')", wrong=NOT_RECEIVER)
      for table, row in (("cases", "waiting_case"), ("transfers", "waiting"))],
    Law("transfer_key", "receiver", "SELECT key_id FROM transfer_key(%(waiting)s)",
        wrong=NOT_RECEIVER | {
            "it is answered": "UPDATE transfers SET state = 'rejected', answered_on = requested_on,"
                              " answered_at = now(), answered_by = %(receiver)s,"
                              " rejection_reason = '\\x00' WHERE id = %(waiting)s"}),
    Law("transfer_key", "receiver", "SELECT client_id FROM transfer_key(%(waiting)s)",
        prepare=("UPDATE clients SET person_id = (SELECT person_id FROM clients"
                 " WHERE id = %(waiting_client)s) WHERE id = %(new_client)s",), wrong={
            "the receiver's client is erased": "UPDATE data_keys SET destroyed_at = now(),"
            " wrapped = '' WHERE id = (SELECT key_id FROM clients WHERE id = %(new_client)s)",
            "the client is another person": "UPDATE clients SET person_id = %(new)s"
                                            " WHERE id = %(new_client)s",
            "the client is another provider's": "UPDATE clients SET provider_id = %(marta)s,"
                                                " number = 'x' WHERE id = %(new_client)s"}),
    Law("transfer_answer", "receiver", REJECT,
        probe="SELECT 1 FROM transfers WHERE id = %(waiting)s AND state = 'rejected'"
              " AND answered_by = %(receiver)s",
        wrong=NOT_RECEIVER | {
            "it is revoked": Refused("UPDATE transfers SET state = 'revoked', revoked_on ="
                                     " requested_on, revoked_by = 'client' WHERE id = %(waiting)s",
                                     "transfers_settled"),
            "it is accepted": Refused(
                "UPDATE transfers SET state = 'accepted', answered_on = requested_on, answered_at ="
                " now(), answered_by = %(receiver)s, new_client_id = %(new_client)s, new_case_id ="
                " %(new_case)s WHERE id = %(waiting)s", "transfers_settled")}),
    Law("transfer_answer", "receiver", REJECT, wrong=NOT_RECEIVER,
        probe="SELECT 1 FROM audit_events WHERE resource = 'incoming_transfers' AND at = now()"
              " AND row_id = %(waiting)s AND client_id = %(waiting_client)s"
              " AND client_provider_id = %(marta)s"),
    Law("client_supports", "worker", "SELECT id FROM client_supports(%(client)s)", wrong={
        "the caller is of another provider": {"provider_id": "dm"},
        "the caller is of no provider": {"provider_id": ""},
        "it is another client's": "UPDATE support_periods SET client_id = %(new)s"
                                  " WHERE client_id = %(client)s"}),
    Law("client_supports", "agency", "SELECT id FROM client_supports(%(client)s)", wrong={
        "the caller is of the ministry": {"role": "ministry_officer"},
        "the caller has no role": {"role": ""}}),
    *[Law(name, "psychologist", f"SELECT {name}(%({of})s)", wrong={
        "the caller has left the team": f"DELETE FROM case_team WHERE {of}_id = %({of})s"
                                        " AND user_id = %(psychologist)s",
        "the caller is another": {"user_id": "colleague"},
        "the caller is nobody": {"user_id": ""}})
      for name, of in (("team_has_client", "client"), ("team_has_case", "case"))],
    *[Law(name, "manager", f"SELECT {column} FROM {name}(%(new)s) LIMIT 1", prepare=ALONE,
          wrong=NOT_MANAGER | {
              "the statement is another provider's": "UPDATE statements SET provider_id = %(dm)s"
                                                     " WHERE id = %(new)s",
              "the act lies after the month": "UPDATE statements SET month = '2018-01'"
                                              " WHERE id = %(new)s"})
      for name, column in (("statement_due", "act_id"), ("statement_gap", "service"))],
    Law("statement_gap", "manager", "SELECT service FROM statement_gap(%(new)s)", prepare=ALONE,
        wrong={"everything has its price":
               "INSERT INTO contract_rates (id, contract_id, service, unit, cents, starts_on,"
               " ends_on) SELECT gen_random_uuid(), %(contract)s, service, unit, 1, '2017-01-01',"
               " '2018-12-31' FROM service_units"}),
    Law("contract_usage", "manager", USAGE, prepare=ALONE, wrong=NOT_MANAGER),
    *[Law("contract_usage", caller, USAGE, prepare=ALONE, wrong={
        "the caller is a statistician": {"role": "statistician"},
        "the caller has no role": {"role": ""},
        "the provider is no party": "DELETE FROM contract_parties"}) for caller in
      ("ministry", "agency")],
    Law("contract_limit_usage", "manager", LIMITS, prepare=LIMITED, wrong=NOT_MANAGER),
    *[Law("contract_limit_usage", caller, LIMITS, prepare=LIMITED, wrong={
        "the caller is a statistician": {"role": "statistician"},
        "the caller has no role": {"role": ""},
        "the units are given back": "UPDATE limit_entries SET given_back_at = now()"
                                    " WHERE id = %(new)s",
        "the units came with a transfer": "UPDATE limit_entries SET copied_from = id"
                                          " WHERE id = %(new)s",
        "the units are another year's": "UPDATE limit_usages SET period = '2017'"
                                        " WHERE id = %(other)s",
        "the limit is another contract's": "UPDATE limits SET contract_id = %(new)s"
                                           " WHERE id = %(new)s"})
      for caller in ("ministry", "agency")],
    Law("limit_number", "worker", "SELECT limit_number(%(other)s, 3) = 2", prepare=COUNTER, wrong={
        "another provider holds it": "UPDATE limit_entries SET number = 2"
                                     " WHERE usage_id = %(other)s AND number = 3",
        "a smaller one is free": "UPDATE limit_entries SET number = NULL"
                                 " WHERE usage_id = %(other)s AND number = 1"}),
    Law("limit_number", "worker", "SELECT limit_number(%(other)s, 2)", prepare=COUNTER, wrong={
        "all are taken": "UPDATE limit_entries SET number = 2"
                         " WHERE usage_id = %(other)s AND number = 3"}),
    Law("audit_state", "worker", "SELECT newest_change FROM audit_state()", wrong={
        "nothing has changed": "DELETE FROM events"}),
    Law("master_key_samples", "worker", "SELECT id FROM master_key_samples()",
        prepare=("DELETE FROM data_keys WHERE client_id <> %(client)s",), wrong={
            "the keys are destroyed": "UPDATE data_keys SET destroyed_at = now(), wrapped = ''"}),
    Law("key_remember", "worker", "SELECT key_remember('new-1', decode(repeat('00', 32), 'hex'))",
        probe="SELECT 1 FROM key_fingerprints WHERE id = 'new-1' AND fingerprint"
              " = decode(repeat('00', 32), 'hex')", wrong={
            "the key wraps already": "UPDATE data_keys SET wrapped ="
                                     " '\\x0105'::bytea || 'new-1' || '\\x00'",
            "it is known by another": "INSERT INTO key_fingerprints (id, fingerprint)"
                                      " VALUES ('new-1', decode(repeat('11', 32), 'hex'))"}),
    Law("key_remember", "worker", "SELECT key_remember('test-1', decode(repeat('00', 32), 'hex'))",
        prepare=("DELETE FROM key_fingerprints",
                 "UPDATE data_keys SET destroyed_at = now(), wrapped = ''"),
        probe="SELECT 1 FROM key_fingerprints WHERE id = 'test-1'", wrong={
            "one of its keys lives": "UPDATE data_keys SET destroyed_at = NULL, wrapped ="
                                     " '\\x0106'::bytea || 'test-1' || '\\x00'"
                                     " WHERE client_id = %(client)s"}),
    Law("key_remember", "worker", "SELECT key_remember('blind', decode(repeat('00', 32), 'hex'))",
        prepare=("DELETE FROM key_fingerprints", "DELETE FROM data_keys"),
        probe="SELECT 1 FROM key_fingerprints WHERE id = 'blind'", wrong={
            "there was a client already": "INSERT INTO data_keys (id, wrapped, destroyed_at)"
                                          " VALUES (%(new)s, '', now())"}),
    Law("approve_user", "manager", APPROVE, probe=approver("manager"), prepare=ACCOUNT, wrong={
        "the session has ended": Refused(
            "UPDATE sessions SET ended_at = now(), ended_reason = 'signed_out' WHERE user_id ="
            " %(manager)s AND id <> %(other)s", "not_found"),
        "the session has expired": Refused("UPDATE sessions SET expires_at = now()"
                                           " WHERE user_id = %(manager)s", "not_found"),
        "the session is another's": Refused({"user_id": "colleague"}, "not_found"),
        "the approver is not active": Refused(
            "UPDATE users SET active = false WHERE id = %(manager)s", "not_found"),
        "the approver is not approved": Refused(
            "UPDATE users SET approved_at = NULL, approved_by = NULL WHERE id = %(manager)s",
            "not_found"),
        "the approver is a case worker": Refused(
            "UPDATE users SET role = 'case_worker' WHERE id = %(manager)s", "not_found"),
        "the account is another provider's": Refused(
            "UPDATE users SET provider_id = %(dm)s WHERE id = %(new)s", "not_found"),
        "there is no such account": Refused("DELETE FROM users WHERE id = %(new)s", "not_found"),
        "it was seen in another version": Refused(
            "UPDATE users SET version = 2 WHERE id = %(new)s", "stale_version"),
        "another has approved it": "UPDATE users SET approved_at = now() WHERE id = %(new)s",
        "the approver handled it": Refused(
            "UPDATE users SET handled_by = ARRAY[%(manager)s::uuid] WHERE id = %(new)s",
            "needs_second_person"),
        "its password is another's": Refused(
            "UPDATE users SET enrolled_at = NULL WHERE id = %(new)s", "not_enrolled")}),
    *[Law("approve_user", "admin", APPROVE, probe=approver("admin"),
          prepare=(*ACCOUNT, MANAGERS.format(change), *more), wrong={
              "a manager can": Refused(
                  "UPDATE users SET active = true, approved_at = coalesce(approved_at, now()),"
                  " enrolled_at = coalesce(enrolled_at, now()) WHERE id = %(manager)s",
                  "manager_approves") if not more else Refused(
                  "UPDATE users SET handled_by = ARRAY[%(other)s::uuid] WHERE id = %(new)s",
                  "manager_approves"),
              "the approver handled it": Refused(
                  "UPDATE users SET handled_by = handled_by || %(admin)s::uuid"
                  " WHERE id = %(new)s", "needs_second_person")})
      for change, more in (
          ("active = false", ()), ("approved_at = NULL, approved_by = NULL", ()),
          ("name = name", ("UPDATE users SET handled_by = ARRAY(SELECT m.id FROM users m WHERE"
                           " m.role = 'provider_manager') WHERE id = %(new)s",)))],
]


@pytest.fixture(scope="module")
def story(marta):
    return marta


@pytest.fixture(scope="module")
def callers(marta, dm, api):
    return {"worker": marta.worker, "psychologist": marta.psychologist, "manager": marta.manager,
            "receiver": dm.manager, "agency": marta.agency, "ministry": api("ministry_officer"),
            "admin": api("system_admin"), "police": marta.police}


def with_a_row_of_everything(story):
    """A case in its course; of each kind of record that travels it has one."""
    case = story.case_in("in_course", citizenship="UA", birth_date="2003-06-15")
    client, place = f"/v1/clients/{case['client_id']}", f"/v1/cases/{case['id']}"
    story.family_member(case["client_id"])
    for path, body in (
            ("representatives", {"kind": "guardian", "given_name": "Maija",
                                 "family_name": "Ozola", "starts_on": "2018-01-10"}),
            ("trafficking_profiles", {"exploitation_forms": ["forced_labour"]}),
            ("reflection_periods", {"starts_on": "2018-01-10", "granted_by": "police"})):
        story.worker.create(f"{client}/{path}", body)
    proceedings = story.worker.create(f"{place}/criminal_proceedings", {
        "authority": "Valsts policija", "client_role": "injured_party",
        "basis_kind": "injured_party_decision", "basis_on": "2018-02-12",
        "opened_on": "2018-02-12"})
    for path, body in (
            ("support_periods", {"proceeding_id": proceedings["id"], "starts_on": "2018-02-20",
                                 "basis": "injured_party_decision"}),
            ("flags", {"kind": "safety", "severity": "danger", "raised_on": "2018-02-10"}),
            ("notes", {"text": "Calm today.", "written_on": "2018-02-03"})):
        story.worker.create(f"{place}/{path}", body)
    story.consultation(case, at("2018-02-05"), outcome="held", notes="Sleeps.", joint=True)
    return case


@pytest.fixture(scope="module")
def ids(marta, dm, callers, api):
    """Of one transfer that is accepted, and one that waits."""
    case, waiting = with_a_row_of_everything(marta), marta.case_in("in_course")
    (guardian,) = marta.worker.read(f"/v1/clients/{case['client_id']}/representatives")["data"]
    consent = marta.notes_consent(case["client_id"], dm, given_by="representative",
                                  representative_id=guardian["id"])
    transfer = marta.transfer(case, dm, notes_consent_id=consent["id"],
                              requested_by="representative", representative_id=guardian["id"])
    new = dm.received(transfer, by=dm.manager)
    sitting = marta.sitting(waiting)
    seats = marta.worker.read(f"{marta.sitting_place(sitting)}/members")["data"]
    return {name: caller.account.id for name, caller in callers.items()} | {
        "case": case["id"], "client": case["client_id"], "transfer": transfer["id"],
        "new_case": new["id"], "new_client": new["client_id"], "waiting_case": waiting["id"],
        "waiting_client": waiting["client_id"], "waiting": marta.transfer(waiting, dm)["id"],
        "sitting": sitting["id"], "seat": next(
            seat["id"] for seat in seats if seat["profession"] == "psychologist"),
        "colleague": dm.worker.account.id, "marta": marta.provider_id, "dm": dm.provider_id,
        "contract": CONTRACT, "new": str(uuid.uuid4()), "other": str(uuid.uuid4())}


@pytest.fixture
def stage(superuser, ids, callers):
    with superuser.transaction(force_rollback=True):
        yield Stage(superuser, ids, callers)


@pytest.mark.parametrize("law, why, change", plays(LAWS + triggers.LAWS))
def test_functions_that_run_as_the_owner_keep_each_of_their_conditions(stage, law, why, change):
    judge(stage, law, why, change)


DEFINERS = """SELECT p.proname, p.prorettype = 'trigger'::regtype,
    has_function_privilege('atbalsts_api', p.oid, 'EXECUTE'),
    (SELECT string_agg(format('NULL::%s', t::regtype), ', ') FROM unnest(p.proargtypes) t)
    FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"""


def test_every_function_that_runs_as_the_owner_is_described(superuser):
    """A new one, or one that the service's role may call from now on, has no test yet."""
    found = superuser.execute(DEFINERS).fetchall()
    assert {name for name, trigger, _, _ in found if trigger} == {
        law.function for law in triggers.LAWS}
    assert {name for name, trigger, may, _ in found if not trigger and may} == {
        law.function for law in LAWS}
    assert {name for name, trigger, may, _ in found if not trigger and not may} == INSIDE
    for law in LAWS + triggers.LAWS:
        assert any(one.wrong for one in LAWS + triggers.LAWS if one.function == law.function)


def test_the_api_role_cannot_call_helpers_of_functions(superuser, cluster):
    calls = [f"SELECT {name}({arguments or ''})"
             for name, _, _, arguments in superuser.execute(DEFINERS) if name in INSIDE]
    assert len(calls) == len(INSIDE)
    with cluster.connect("atbalsts_api") as connection:
        for call in calls:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(call)
