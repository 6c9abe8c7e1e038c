-- Transfers: what the receiver sees, what travels, and what the giver may no longer do.

-- The giver may end a request, and only the receiver answers it; once settled it stays so.
CREATE OR REPLACE FUNCTION transfer_settles() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
	IF OLD.state <> 'requested' OR (NEW.state <> 'revoked' AND NEW.to_provider_id IS DISTINCT FROM app_provider())
	THEN
		RAISE EXCEPTION 'the transfer is settled, or another''s to settle' USING ERRCODE = 'check_violation',
			CONSTRAINT = 'transfers_settled';
	END IF;
	RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER transfer_settles BEFORE UPDATE OF state ON transfers FOR EACH ROW
	WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION transfer_settles();

-- What the receiver decides on: no identity, nothing of the giver's rows but this. It runs as the owner and states for
-- whom itself; provider_id, client_id and case_id are the receiver's. Once it is settled, the giver's case is no
-- longer told. seen_client and seen_provider name whose data a read has shown.
CREATE OR REPLACE VIEW incoming_transfers AS
	SELECT t.id, t.to_provider_id AS provider_id, t.new_client_id AS client_id, t.new_case_id AS case_id,
		t.provider_id AS from_provider_id,
		CASE WHEN (SELECT app_role()) = 'agency_officer' THEN t.case_id END AS from_case_id,
		t.state, t.requested_on, t.requested_by, t.answered_on,
		CASE WHEN t.state = 'requested' THEN EXISTS (SELECT FROM consents s WHERE s.id = t.notes_consent_id
			AND s.client_id = t.client_id AND s.scope = 'notes_transfer'
			AND s.recipient_provider_id = t.to_provider_id
			AND consent_in_force(s.given_on, s.valid_until, s.withdrawn_on, riga_today()))
			ELSE t.notes_travelled END AS with_notes,
		c.status AS case_status, c.risk_level, c.course_start, c.course_end,
		course_days_left(c.course_start, c.course_end, riga_today()) AS days_left,
		(SELECT max(u.used) FROM limit_usages u JOIN limits l ON l.id = u.limit_id
			WHERE u.holder_id = c.id AND l.service = 'aftercare') AS aftercare_used,
		(SELECT max(u.used) FROM limit_usages u JOIN limits l ON l.id = u.limit_id
			WHERE u.holder_id = c.client_id AND l.service = 'family') AS family_used,
		t.client_id AS seen_client, t.provider_id AS seen_provider
	FROM transfers t LEFT JOIN cases c ON c.id = t.case_id AND t.state = 'requested'
	WHERE (SELECT app_role()) = 'agency_officer' OR ((SELECT app_role()) IN ('provider_manager', 'case_worker')
		AND t.to_provider_id = (SELECT app_provider()));

-- Whether the caller answers for the receiver.
CREATE OR REPLACE FUNCTION answers_for(receiver uuid) RETURNS boolean
LANGUAGE sql STABLE
AS $$ SELECT coalesce(receiver = app_provider() AND app_role() IN ('provider_manager', 'case_worker'), false) $$;

-- As every ruled write: first the giver's case, then the row. What is judged is read in a later statement.
CREATE OR REPLACE FUNCTION transfer_lock(transfer uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT FROM cases c WHERE c.id = (SELECT t.case_id FROM transfers t
		WHERE t.id = transfer AND answers_for(t.to_provider_id)) FOR NO KEY UPDATE;
	SELECT FROM transfers t WHERE t.id = transfer AND answers_for(t.to_provider_id) FOR NO KEY UPDATE;
$$;

-- The key that the giver's client is sealed with, while the request waits for the caller's answer; and the client whom
-- the receiver has of the same person already, with its key: not one that was erased.
CREATE OR REPLACE FUNCTION transfer_key(transfer uuid)
RETURNS TABLE (key_id uuid, wrapped bytea, client_id uuid, client_key_id uuid, client_wrapped bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT k.id, k.wrapped, o.id, o.key_id, o.wrapped
	FROM transfers t JOIN clients c ON c.id = t.client_id JOIN data_keys k ON k.id = c.key_id
		LEFT JOIN LATERAL (SELECT o.id, o.key_id, ok.wrapped FROM clients o
			JOIN data_keys ok ON ok.id = o.key_id AND ok.destroyed_at IS NULL
			WHERE o.person_id = c.person_id AND o.provider_id = t.to_provider_id
			ORDER BY o.id LIMIT 1) o ON true
	WHERE t.id = transfer AND t.state = 'requested' AND answers_for(t.to_provider_id)
$$;

-- The answer. That the receiver has read the giver's client is told to the giver as any other access.
CREATE OR REPLACE FUNCTION transfer_answer(transfer uuid, answer text, day date, refusal bytea, client uuid,
	case_of uuid,
	notes boolean) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	UPDATE transfers t SET state = answer, answered_on = day, answered_at = now(), answered_by = app_user(),
		rejection_reason = refusal, new_client_id = client, new_case_id = case_of, notes_travelled = notes,
		updated_at = now(), updated_by = NULL, version = version + 1
	WHERE t.id = transfer AND answers_for(t.to_provider_id);
	INSERT INTO audit_events (action, resource, row_id, client_id, client_provider_id)
	SELECT 'read', 'incoming_transfers', t.id, t.client_id, t.provider_id FROM transfers t
	WHERE t.id = transfer AND answers_for(t.to_provider_id);
$$;

-- The transfer, for the one who accepts it and in the accepting transaction alone: neither before nor after does the
-- receiver see a row of the giver's.
CREATE OR REPLACE FUNCTION handover(transfer uuid) RETURNS SETOF transfers
LANGUAGE sql STABLE ROWS 1 SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT * FROM transfers t WHERE t.id = transfer AND t.state = 'accepted' AND t.answered_at = now()
		AND t.answered_by = app_user() AND answers_for(t.to_provider_id)
$$;

-- What travels, row by row.
CREATE OR REPLACE FUNCTION handover_data_keys(transfer uuid) RETURNS SETOF data_keys
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT t.* FROM handover(transfer) x JOIN data_keys t ON t.client_id = x.client_id
$$;
CREATE OR REPLACE FUNCTION handover_clients(transfer uuid) RETURNS SETOF clients
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT t.* FROM handover(transfer) x JOIN clients t ON t.client_id = x.client_id
$$;
CREATE OR REPLACE FUNCTION handover_representatives(transfer uuid) RETURNS SETOF representatives
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT t.* FROM handover(transfer) x JOIN representatives t ON t.client_id = x.client_id
$$;
CREATE OR REPLACE FUNCTION handover_family_members(transfer uuid) RETURNS SETOF family_members
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT t.* FROM handover(transfer) x JOIN family_members t ON t.client_id = x.client_id
$$;
CREATE OR REPLACE FUNCTION handover_trafficking_profiles(transfer uuid) RETURNS SETOF trafficking_profiles
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT t.* FROM handover(transfer) x JOIN trafficking_profiles t ON t.client_id = x.client_id
$$;
CREATE OR REPLACE FUNCTION handover_reflection_periods(transfer uuid) RETURNS SETOF reflection_periods
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT t.* FROM handover(transfer) x JOIN reflection_periods t ON t.client_id = x.client_id
$$;
CREATE OR REPLACE FUNCTION handover_criminal_proceedings(transfer uuid) RETURNS SETOF criminal_proceedings
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT t.* FROM handover(transfer) x JOIN criminal_proceedings t ON t.client_id = x.client_id
$$;
CREATE OR REPLACE FUNCTION handover_support_periods(transfer uuid) RETURNS SETOF support_periods
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT t.* FROM handover(transfer) x JOIN support_periods t ON t.client_id = x.client_id
$$;
CREATE OR REPLACE FUNCTION handover_cases(transfer uuid) RETURNS SETOF cases
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT t.* FROM handover(transfer) x JOIN cases t ON t.client_id = x.client_id
		AND t.id = x.case_id
$$;
CREATE OR REPLACE FUNCTION handover_case_flags(transfer uuid) RETURNS SETOF case_flags
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT t.* FROM handover(transfer) x JOIN case_flags t ON t.client_id = x.client_id
		AND t.case_id = x.case_id AND t.lifted_on IS NULL
$$;
REVOKE ALL ON FUNCTION handover_data_keys(uuid), handover_clients(uuid), handover_representatives(uuid),
	handover_family_members(uuid), handover_trafficking_profiles(uuid),
	handover_reflection_periods(uuid), handover_criminal_proceedings(uuid),
	handover_support_periods(uuid), handover_cases(uuid), handover_case_flags(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION handover_data_keys(uuid), handover_clients(uuid), handover_representatives(uuid),
	handover_family_members(uuid), handover_trafficking_profiles(uuid),
	handover_reflection_periods(uuid), handover_criminal_proceedings(uuid),
	handover_support_periods(uuid), handover_cases(uuid), handover_case_flags(uuid) TO atbalsts_api;

-- Notes of the case, and of its consultations, with where each is sealed: some at a time, after the given one.
CREATE OR REPLACE FUNCTION handover_notes(transfer uuid, after uuid, most int)
RETURNS TABLE (id uuid, profession text, written_on date, origin text, field text, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT n.* FROM handover(transfer) x CROSS JOIN LATERAL (
		SELECT c.id, c.profession, c.written_on, 'case_notes', 'text', c.text FROM case_notes c
		WHERE c.case_id = x.case_id AND c.id > after
		UNION ALL
		SELECT c.id, c.specialist_kind, riga_day(c.starts_at), 'consultations',
			'notes', c.notes
		FROM consultations c WHERE c.case_id = x.case_id AND c.notes IS NOT NULL AND NOT c.superseded
			AND c.id > after
	) n (id, profession, written_on, origin, field, sealed)
	WHERE x.notes_travelled ORDER BY n.id LIMIT most
$$;

-- A manager writes no notes but these.
CREATE OR REPLACE FUNCTION arrives_now(case_of uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT EXISTS (SELECT FROM transfers t, handover(t.id) x WHERE t.new_case_id = case_of AND x.notes_travelled)
$$;

DROP POLICY IF EXISTS case_notes_arrive ON case_notes;
CREATE POLICY case_notes_arrive ON case_notes FOR INSERT TO atbalsts_api
	WITH CHECK ((SELECT app_role()) = 'provider_manager' AND provider_id = (SELECT app_provider())
		AND arrives_now(case_id));

CREATE OR REPLACE FUNCTION entry_travels(entry limit_entries, x transfers) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	was limit_usages;
	counter uuid;
	holder uuid;
BEGIN
	SELECT u.* INTO STRICT was FROM limit_usages u WHERE u.id = entry.usage_id;
	holder := CASE was.holder_id WHEN x.case_id THEN x.new_case_id WHEN x.client_id THEN x.new_client_id END;
	IF holder IS NULL THEN
		RETURN;
	END IF;
	INSERT INTO limit_usages (limit_id, holder_id, provider_id, client_id, case_id, period, amount, enforcement)
	VALUES (was.limit_id, holder, x.to_provider_id, x.new_client_id, x.new_case_id, was.period, was.amount,
		was.enforcement)
	ON CONFLICT (limit_id, holder_id, period) DO NOTHING;
	SELECT u.id INTO STRICT counter FROM limit_usages u
	WHERE u.limit_id = was.limit_id AND u.holder_id = holder AND u.period = was.period FOR NO KEY UPDATE;
	-- A client who comes back has the own acts here already.
	IF EXISTS (SELECT FROM limit_entries n WHERE n.usage_id = counter AND n.given_back_at IS NULL
			AND (n.act_id = entry.act_id OR n.copied_from = entry.id)) THEN
		RETURN;
	END IF;
	-- What was used is used, even where the sum passes the limit.
	UPDATE limit_usages u SET used = u.used + entry.units, amount = greatest(u.amount, u.used + entry.units)
	WHERE u.id = counter;
	INSERT INTO limit_entries (usage_id, provider_id, client_id, case_id, act, act_id, units, number, opening,
		created_by, copied_from)
	VALUES (counter, x.to_provider_id, x.new_client_id, x.new_case_id, entry.act, entry.act_id, entry.units,
		(SELECT entry.number WHERE NOT EXISTS (SELECT FROM limit_entries n
			WHERE n.usage_id = counter AND n.number = entry.number)),
		entry.opening, NULL, entry.id);
END
$$;

CREATE OR REPLACE FUNCTION entries_give_back(entries uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	WITH given AS (
		UPDATE limit_entries SET given_back_at = now(), number = NULL
		WHERE id = ANY (entries) AND given_back_at IS NULL RETURNING usage_id, units
	)
	UPDATE limit_usages u SET used = u.used - g.units
	FROM (SELECT usage_id, sum(units)::bigint AS units FROM given GROUP BY usage_id) g
	WHERE u.id = g.usage_id
$$;

-- The giver may still correct what it has delivered (R19): the receiver's count follows.
CREATE OR REPLACE FUNCTION entry_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		PERFORM entry_travels(NEW, t) FROM transfers t WHERE t.case_id = NEW.case_id AND t.state = 'accepted';
	ELSE
		PERFORM entries_give_back(ARRAY(SELECT n.id FROM limit_entries n WHERE n.copied_from = NEW.id));
	END IF;
	RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER entry_taken AFTER INSERT ON limit_entries FOR EACH ROW EXECUTE FUNCTION entry_follows();
CREATE OR REPLACE TRIGGER entry_given_back AFTER UPDATE OF given_back_at ON limit_entries FOR EACH ROW
	WHEN (OLD.given_back_at IS NULL AND NEW.given_back_at IS NOT NULL) EXECUTE FUNCTION entry_follows();

-- Cancels what the giver has planned for the days after the answer, and gives its units back. What was planned for
-- earlier days may have been held: the giver says so, and until then it counts.
CREATE OR REPLACE FUNCTION planned_ends(x transfers) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	later timestamptz := (x.answered_on + 1)::timestamp AT TIME ZONE 'Europe/Riga';
	name text;
	day text;
	done uuid[];
	gone uuid[] := '{}';
BEGIN
	FOR name, day IN VALUES ('consultations', 'starts_at >= $2'), ('interpretations', 'starts_at >= $2'),
		('representations', 'starts_at >= $2'), ('legal_documents', 'drafted_on > $3')
	LOOP
		EXECUTE format('WITH ended AS (UPDATE %I SET outcome = ''cancelled'', updated_at = now(),'
			' updated_by = NULL, version = version + 1'
			' WHERE case_id = $1 AND outcome = ''planned'' AND NOT superseded AND %s RETURNING id)'
			' SELECT coalesce(array_agg(id), ''{}'') FROM ended', name, day)
		INTO done USING x.case_id, later, x.answered_on;
		gone := gone || done;
	END LOOP;
	UPDATE accommodations SET state = 'cancelled', updated_at = now(), updated_by = NULL, version = version + 1
	WHERE case_id = x.case_id AND state = 'planned' AND NOT superseded AND starts_on > x.answered_on;
	-- Its nights would count for as long as nobody tells that it has ended; ends_on is the day after the last one.
	UPDATE accommodations SET ends_on = x.answered_on + 1, nights = x.answered_on + 1 - starts_on,
		updated_at = now(), updated_by = NULL, version = version + 1
	WHERE case_id = x.case_id AND state IN ('planned', 'occupied') AND NOT superseded
		AND starts_on <= x.answered_on AND coalesce(ends_on, 'infinity') > x.answered_on + 1;
	PERFORM FROM limit_usages u WHERE u.id IN (SELECT n.usage_id FROM limit_entries n
			WHERE n.act_id = ANY (gone) AND n.given_back_at IS NULL)
	ORDER BY u.limit_id, u.period, u.holder_id FOR NO KEY UPDATE;
	PERFORM entries_give_back(ARRAY(SELECT n.id FROM limit_entries n WHERE n.act_id = ANY (gone)));
END
$$;

-- The giver's case ends with the day of the answer, and so does its part of the course; the timeline tells it.
CREATE OR REPLACE FUNCTION transfer_leaves(transfer uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	x transfers;
BEGIN
	SELECT * INTO STRICT x FROM handover(transfer);
	PERFORM planned_ends(x);
	INSERT INTO case_transitions (id, provider_id, client_id, case_id, key_id, "from", "to", happened_on,
		close_reason, decided, created_by, updated_by)
	SELECT gen_random_uuid(), c.provider_id, c.client_id, c.id, c.key_id, c.status, 'closed', x.answered_on,
		'transferred', true, NULL, NULL
	FROM cases c WHERE c.id = x.case_id;
	UPDATE cases SET status = 'closed', closed_on = x.answered_on, close_reason = 'transferred',
		course_end = CASE WHEN status IN ('in_course', 'suspended') AND x.answered_on >= course_start
			THEN least(course_end, x.answered_on) ELSE course_end END,
		suspended_until = CASE WHEN status = 'suspended' THEN greatest(suspended_from, x.answered_on)
			ELSE suspended_until END,
		updated_at = now(), updated_by = NULL, version = version + 1
	WHERE id = x.case_id;
END
$$;

-- After the receiver's rows are there: usage, and a client of earlier days who is one again.
CREATE OR REPLACE FUNCTION transfer_arrives(transfer uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	x transfers;
BEGIN
	SELECT * INTO STRICT x FROM handover(transfer);
	-- A correction made further up the way waits for this, and then sees where to go on.
	PERFORM FROM limit_usages u WHERE u.holder_id IN (x.case_id, x.client_id)
	ORDER BY u.limit_id, u.period, u.holder_id FOR NO KEY UPDATE;
	PERFORM entry_travels(n, x) FROM limit_usages u JOIN limit_entries n ON n.usage_id = u.id
	WHERE u.holder_id IN (x.case_id, x.client_id) AND n.given_back_at IS NULL;
	UPDATE clients SET status = 'active', updated_at = now(), updated_by = app_user(), version = version + 1
	WHERE id = x.new_client_id AND status <> 'active';
END
$$;

-- The giver keeps what it has done and may correct it; nothing new begins in a case that has gone to another provider.
-- After the insert: whoever may not write here at all is told nothing of the case.
CREATE OR REPLACE FUNCTION case_has_gone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
	IF EXISTS (SELECT FROM transfers t WHERE t.state = 'accepted'
			AND t.case_id = CASE TG_OP WHEN 'UPDATE' THEN OLD.case_id ELSE NEW.case_id END) THEN
		RAISE EXCEPTION 'the case has gone to another provider' USING ERRCODE = 'check_violation',
			CONSTRAINT = 'cases_transferred';
	END IF;
	RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER case_has_gone BEFORE UPDATE OF status ON cases FOR EACH ROW
	WHEN (OLD.status = 'closed' AND NEW.status <> 'closed') EXECUTE FUNCTION case_has_gone();

CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON consultations FOR EACH ROW
	WHEN (NEW.corrects_id IS NULL) EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON accommodations FOR EACH ROW
	WHEN (NEW.corrects_id IS NULL) EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON interpretations FOR EACH ROW
	WHEN (NEW.corrects_id IS NULL) EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON legal_documents FOR EACH ROW
	WHEN (NEW.corrects_id IS NULL) EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON trainings FOR EACH ROW
	WHEN (NEW.corrects_id IS NULL) EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON goods FOR EACH ROW
	WHEN (NEW.corrects_id IS NULL) EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON representations FOR EACH ROW
	WHEN (NEW.corrects_id IS NULL) EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON applications FOR EACH ROW
	EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON identifications FOR EACH ROW
	EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON decisions FOR EACH ROW
	EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON plans FOR EACH ROW
	EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON criminal_proceedings FOR EACH ROW
	EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON support_periods FOR EACH ROW
	EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON hearings FOR EACH ROW
	EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON powers_of_attorney FOR EACH ROW
	EXECUTE FUNCTION case_has_gone();

-- Nor is anything moved past the giver's last day, or corrected to a later one: the receiver's units would be used for
-- it. What was held later, because the day was told late, stays where it was. The argument: the day of a row, $1.
CREATE OR REPLACE FUNCTION case_had_gone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	last date := (SELECT t.answered_on FROM transfers t WHERE t.case_id = NEW.case_id AND t.state = 'accepted');
	was date;
	day date;
BEGIN
	IF last IS NULL THEN
		RETURN NULL;
	END IF;
	EXECUTE 'SELECT ' || TG_ARGV[0] USING NEW INTO day;
	IF TG_OP = 'UPDATE' THEN
		EXECUTE 'SELECT ' || TG_ARGV[0] USING OLD INTO was;
	ELSE
		EXECUTE format('SELECT %s FROM (SELECT t AS x FROM %I t WHERE t.id = $1) s',
			replace(TG_ARGV[0], '$1', 's.x'), TG_TABLE_NAME) USING NEW.corrects_id INTO was;
	END IF;
	IF day > greatest(last, was) THEN
		RAISE EXCEPTION 'the case has gone to another provider' USING ERRCODE = 'check_violation',
			CONSTRAINT = 'cases_transferred';
	END IF;
	RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER case_had_gone AFTER UPDATE OF starts_at ON consultations FOR EACH ROW EXECUTE FUNCTION
	case_had_gone('(($1).starts_at AT TIME ZONE ''Europe/Riga'')::date');
CREATE OR REPLACE TRIGGER case_had_gone_before AFTER INSERT ON consultations FOR EACH ROW
	WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION
	case_had_gone('(($1).starts_at AT TIME ZONE ''Europe/Riga'')::date');
CREATE OR REPLACE TRIGGER case_had_gone AFTER UPDATE OF starts_at ON interpretations FOR EACH ROW EXECUTE FUNCTION
	case_had_gone('(($1).starts_at AT TIME ZONE ''Europe/Riga'')::date');
CREATE OR REPLACE TRIGGER case_had_gone_before AFTER INSERT ON interpretations FOR EACH ROW
	WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION
	case_had_gone('(($1).starts_at AT TIME ZONE ''Europe/Riga'')::date');
CREATE OR REPLACE TRIGGER case_had_gone AFTER UPDATE OF starts_at ON representations FOR EACH ROW EXECUTE FUNCTION
	case_had_gone('(($1).starts_at AT TIME ZONE ''Europe/Riga'')::date');
CREATE OR REPLACE TRIGGER case_had_gone_before AFTER INSERT ON representations FOR EACH ROW
	WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION
	case_had_gone('(($1).starts_at AT TIME ZONE ''Europe/Riga'')::date');
CREATE OR REPLACE TRIGGER case_had_gone AFTER UPDATE OF drafted_on ON legal_documents FOR EACH ROW EXECUTE FUNCTION
	case_had_gone('($1).drafted_on');
CREATE OR REPLACE TRIGGER case_had_gone_before AFTER INSERT ON legal_documents FOR EACH ROW
	WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION
	case_had_gone('($1).drafted_on');
CREATE OR REPLACE TRIGGER case_had_gone AFTER UPDATE OF given_on ON goods FOR EACH ROW EXECUTE FUNCTION
	case_had_gone('($1).given_on');
CREATE OR REPLACE TRIGGER case_had_gone_before AFTER INSERT ON goods FOR EACH ROW
	WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION
	case_had_gone('($1).given_on');
CREATE OR REPLACE TRIGGER case_had_gone AFTER UPDATE OF enrolled_on, completed_on ON trainings
	FOR EACH ROW EXECUTE FUNCTION
	case_had_gone('greatest(($1).enrolled_on, ($1).completed_on)');
CREATE OR REPLACE TRIGGER case_had_gone_before AFTER INSERT ON trainings FOR EACH ROW
	WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION
	case_had_gone('greatest(($1).enrolled_on, ($1).completed_on)');
CREATE OR REPLACE TRIGGER case_had_gone AFTER UPDATE OF starts_on, ends_on ON accommodations
	FOR EACH ROW EXECUTE FUNCTION
	case_had_gone('greatest(($1).starts_on, coalesce(($1).ends_on - 1, ''infinity''))');
CREATE OR REPLACE TRIGGER case_had_gone_before AFTER INSERT ON accommodations FOR EACH ROW
	WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION
	case_had_gone('greatest(($1).starts_on, coalesce(($1).ends_on - 1, ''infinity''))');
CREATE OR REPLACE TRIGGER case_had_gone AFTER UPDATE OF assessed_on ON assessments FOR EACH ROW EXECUTE FUNCTION
	case_had_gone('($1).assessed_on');
CREATE OR REPLACE TRIGGER case_had_gone AFTER UPDATE OF held_on ON identifications FOR EACH ROW EXECUTE FUNCTION
	case_had_gone('($1).held_on');
CREATE OR REPLACE TRIGGER case_had_gone AFTER UPDATE OF departed_at, planned_departure_at ON journeys
	FOR EACH ROW EXECUTE FUNCTION
	case_had_gone('(coalesce(($1).departed_at, ($1).planned_departure_at) AT TIME ZONE ''Europe/Riga'')::date');
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON journeys FOR EACH ROW WHEN (NEW.corrects_id IS NULL)
	EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON assessments FOR EACH ROW WHEN (NEW.corrects_id IS NULL)
	EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON escorts FOR EACH ROW WHEN (NEW.corrects_id IS NULL)
	EXECUTE FUNCTION case_has_gone();
CREATE OR REPLACE TRIGGER case_has_gone AFTER INSERT ON opening_usages FOR EACH ROW WHEN (NEW.corrects_id IS NULL)
	EXECUTE FUNCTION case_has_gone();

GRANT SELECT ON incoming_transfers TO atbalsts_api;
REVOKE ALL ON FUNCTION transfer_lock(uuid), transfer_key(uuid), handover(uuid),
	handover_notes(uuid, uuid, int), transfer_answer(uuid, text, date, bytea, uuid, uuid, boolean),
	transfer_leaves(uuid), transfer_arrives(uuid), planned_ends(transfers),
	entry_travels(limit_entries, transfers), entries_give_back(uuid[]), arrives_now(uuid),
	transfer_settles(), entry_follows(), case_has_gone(), case_had_gone() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION transfer_lock(uuid), transfer_key(uuid), handover_notes(uuid, uuid, int),
	transfer_answer(uuid, text, date, bytea, uuid, uuid, boolean), transfer_leaves(uuid),
	transfer_arrives(uuid), arrives_now(uuid) TO atbalsts_api;
