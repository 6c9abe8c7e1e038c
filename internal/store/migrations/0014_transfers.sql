-- A change of provider (R20): what the client asks for at the giver, what the receiver answers, and what travels.

-- Whose provider may have the notes; of other consents the recipient is told in words.
-- locks: a new column without values, and providers is a small table.
ALTER TABLE consents ADD COLUMN recipient_provider_id uuid
	CONSTRAINT consents_recipient_provider REFERENCES providers (id);

-- Rows of the giver's. new_client_id and new_case_id are what the receiver has got, and never told to the giver.
CREATE TABLE transfers (
	id uuid PRIMARY KEY,
	provider_id uuid NOT NULL,
	client_id uuid NOT NULL,
	case_id uuid NOT NULL,
	key_id uuid NOT NULL CONSTRAINT transfers_key REFERENCES data_keys (id),
	to_provider_id uuid NOT NULL CONSTRAINT transfers_to_provider REFERENCES providers (id),
	requested_on date NOT NULL,
	requested_by text NOT NULL CHECK (requested_by IN ('client', 'representative')),
	representative_id uuid,
	reason bytea,
	notes_consent_id uuid,
	state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'accepted', 'rejected', 'revoked')),
	revoked_on date,
	revoked_by text CHECK (revoked_by IN ('client', 'representative')),
	answered_on date,
	rejection_reason bytea,
	notes_travelled boolean,
	answered_at timestamptz,
	answered_by uuid,
	new_client_id uuid,
	new_case_id uuid,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by uuid DEFAULT app_user(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	updated_by uuid DEFAULT app_user(),
	version bigint NOT NULL DEFAULT 1,
	CONSTRAINT transfers_case FOREIGN KEY (case_id, client_id, provider_id)
		REFERENCES cases (id, client_id, provider_id),
	CONSTRAINT transfers_representative FOREIGN KEY (representative_id, client_id, provider_id)
		REFERENCES representatives (id, client_id, provider_id),
	CONSTRAINT transfers_notes_consent FOREIGN KEY (notes_consent_id, client_id, provider_id)
		REFERENCES consents (id, client_id, provider_id),
	-- The answer names the receiver's case before it is there, so that the case knows whose it is.
	CONSTRAINT transfers_new_case FOREIGN KEY (new_case_id, new_client_id, to_provider_id)
		REFERENCES cases (id, client_id, provider_id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT transfers_elsewhere CHECK (to_provider_id <> provider_id),
	CONSTRAINT transfers_requester CHECK ((requested_by = 'representative') = (representative_id IS NOT NULL)),
	CONSTRAINT transfers_revoked CHECK ((state = 'revoked') = (num_nulls(revoked_on, revoked_by) = 0)
		AND revoked_on >= requested_on),
	CONSTRAINT transfers_answered CHECK ((state IN ('accepted', 'rejected')) = (num_nulls(answered_on, answered_at,
		answered_by) = 0) AND answered_on >= requested_on),
	CONSTRAINT transfers_accepted CHECK ((state = 'accepted') = (num_nulls(new_client_id, new_case_id) = 0)),
	CONSTRAINT transfers_rejected CHECK ((state = 'rejected') = (rejection_reason IS NOT NULL))
);
CREATE UNIQUE INDEX transfers_open ON transfers (case_id) WHERE state = 'requested';
CREATE UNIQUE INDEX transfers_gone ON transfers (case_id) WHERE state = 'accepted';
CREATE INDEX transfers_list ON transfers (case_id, created_at, id);
CREATE INDEX transfers_incoming ON transfers (to_provider_id, requested_on, id);
CREATE INDEX transfers_all ON transfers (requested_on, id);
CREATE INDEX transfers_by_state ON transfers (state, requested_on, id);
CREATE INDEX transfers_new_client ON transfers (new_client_id) WHERE new_client_id IS NOT NULL;
SELECT record_table('transfers');

-- The giver may end a request, and only the receiver answers it; once settled it stays so.
CREATE FUNCTION transfer_settles() RETURNS trigger
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
CREATE TRIGGER transfer_settles BEFORE UPDATE OF state ON transfers FOR EACH ROW
	WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION transfer_settles();

-- What the receiver decides on: no identity, nothing of the giver's rows but this. It runs as the owner and states for
-- whom itself; provider_id, client_id and case_id are the receiver's. Once it is settled, the giver's case is no
-- longer told. seen_client and seen_provider name whose data a read has shown.
CREATE VIEW incoming_transfers AS
	SELECT t.id, t.to_provider_id AS provider_id, t.new_client_id AS client_id, t.new_case_id AS case_id,
		t.provider_id AS from_provider_id,
		CASE WHEN (SELECT app_role()) = 'agency_officer' THEN t.case_id END AS from_case_id,
		t.state, t.requested_on, t.requested_by, t.answered_on,
		CASE WHEN t.state = 'requested' THEN EXISTS (SELECT FROM consents s WHERE s.id = t.notes_consent_id
			AND s.client_id = t.client_id AND s.scope = 'notes_transfer'
			AND s.recipient_provider_id = t.to_provider_id AND s.withdrawn_on IS NULL
			AND coalesce(s.valid_until, 'infinity') >= riga_today())
			ELSE t.notes_travelled END AS with_notes,
		c.status AS case_status, c.risk_level, c.course_start, c.course_end,
		CASE WHEN c.course_end IS NOT NULL THEN
			greatest(c.course_end - greatest(riga_today(), c.course_start) + 1, 0)::bigint END AS days_left,
		(SELECT max(u.used) FROM limit_usages u JOIN limits l ON l.id = u.limit_id
			WHERE u.holder_id = c.id AND l.service = 'aftercare') AS aftercare_used,
		(SELECT max(u.used) FROM limit_usages u JOIN limits l ON l.id = u.limit_id
			WHERE u.holder_id = c.client_id AND l.service = 'family') AS family_used,
		t.client_id AS seen_client, t.provider_id AS seen_provider
	FROM transfers t LEFT JOIN cases c ON c.id = t.case_id AND t.state = 'requested'
	WHERE (SELECT app_role()) = 'agency_officer' OR ((SELECT app_role()) IN ('provider_manager', 'case_worker')
		AND t.to_provider_id = (SELECT app_provider()));
GRANT SELECT ON incoming_transfers TO atbalsts_api;

-- As before, and: whose staff has read is told, but who only of the own.
CREATE OR REPLACE VIEW accesses WITH (security_invoker = true) AS
	SELECT a.id, a.client_id, a.client_provider_id AS provider_id, a.at, a.purpose,
		a.provider_id AS organisation_id, p.name AS organisation, a.role,
		CASE WHEN (SELECT app_role()) = 'auditor' OR a.provider_id = (SELECT app_provider()) THEN a.user_id END
			AS user_id,
		a.resource, a.row_id
	FROM audit_events a LEFT JOIN providers p ON p.id = a.provider_id
	WHERE a.action = 'read' AND a.client_id IS NOT NULL;

-- Whether the caller answers for the receiver.
CREATE FUNCTION answers_for(receiver uuid) RETURNS boolean
LANGUAGE sql STABLE
AS $$ SELECT coalesce(receiver = app_provider() AND app_role() IN ('provider_manager', 'case_worker'), false) $$;

-- As every ruled write: first the giver's case, then the row. What is judged is read in a later statement.
CREATE FUNCTION transfer_lock(transfer uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT FROM cases c WHERE c.id = (SELECT t.case_id FROM transfers t
		WHERE t.id = transfer AND answers_for(t.to_provider_id)) FOR NO KEY UPDATE;
	SELECT FROM transfers t WHERE t.id = transfer AND answers_for(t.to_provider_id) FOR NO KEY UPDATE;
$$;

-- The key that the giver's client is sealed with, while the request waits for the caller's answer; and the client whom
-- the receiver has of the same person already, with its key: not one that was erased.
CREATE FUNCTION transfer_key(transfer uuid)
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
CREATE FUNCTION transfer_answer(transfer uuid, answer text, day date, refusal bytea, client uuid, case_of uuid,
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
CREATE FUNCTION handover(transfer uuid) RETURNS SETOF transfers
LANGUAGE sql STABLE ROWS 1 SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT * FROM transfers t WHERE t.id = transfer AND t.state = 'accepted' AND t.answered_at = now()
		AND t.answered_by = app_user() AND answers_for(t.to_provider_id)
$$;

-- What travels, row by row; a function gives its table's row as it is after any later migration.
DO $$
DECLARE
	name text;
	part text;
BEGIN
	FOR name, part IN VALUES ('data_keys', ''), ('clients', ''), ('representatives', ''), ('family_members', ''),
		('trafficking_profiles', ''), ('reflection_periods', ''), ('criminal_proceedings', ''),
		('support_periods', ''), ('cases', 'AND t.id = x.case_id'),
		('case_flags', 'AND t.case_id = x.case_id AND t.lifted_on IS NULL')
	LOOP
		EXECUTE format('CREATE FUNCTION handover_%1$s(transfer uuid) RETURNS SETOF %1$I LANGUAGE sql STABLE'
			' SECURITY DEFINER SET search_path = public, pg_temp AS'
			' ''SELECT t.* FROM handover(transfer) x JOIN %1$I t ON t.client_id = x.client_id %2$s''',
			name, part);
		EXECUTE format('REVOKE ALL ON FUNCTION handover_%s(uuid) FROM PUBLIC', name);
		EXECUTE format('GRANT EXECUTE ON FUNCTION handover_%s(uuid) TO atbalsts_api', name);
	END LOOP;
END
$$;

-- Notes of the case, and of its consultations, with where each is sealed: some at a time, after the given one.
CREATE FUNCTION handover_notes(transfer uuid, after uuid, most int)
RETURNS TABLE (id uuid, profession text, written_on date, origin text, field text, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT n.* FROM handover(transfer) x CROSS JOIN LATERAL (
		SELECT c.id, c.profession, c.written_on, 'case_notes', 'text', c.text FROM case_notes c
		WHERE c.case_id = x.case_id AND c.id > after
		UNION ALL
		SELECT c.id, c.specialist_kind, (c.starts_at AT TIME ZONE 'Europe/Riga')::date, 'consultations',
			'notes', c.notes
		FROM consultations c WHERE c.case_id = x.case_id AND c.notes IS NOT NULL AND NOT c.superseded
			AND c.id > after
	) n (id, profession, written_on, origin, field, sealed)
	WHERE x.notes_travelled ORDER BY n.id LIMIT most
$$;

-- A manager writes no notes but these.
CREATE FUNCTION arrives_now(case_of uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
	SELECT EXISTS (SELECT FROM transfers t, handover(t.id) x WHERE t.new_case_id = case_of AND x.notes_travelled)
$$;
CREATE INDEX transfers_new_case ON transfers (new_case_id) WHERE new_case_id IS NOT NULL;
CREATE POLICY case_notes_arrive ON case_notes FOR INSERT TO atbalsts_api
	WITH CHECK ((SELECT app_role()) = 'provider_manager' AND provider_id = (SELECT app_provider())
		AND arrives_now(case_id));

-- What is counted at the giver for one case or client counts on at the receiver: its entries are copied, each once, so
-- that what is given back later is given back in both. Persons' and contracts' counters are shared as they are.
-- locks: a new column without values.
ALTER TABLE limit_entries ADD COLUMN copied_from uuid
	CONSTRAINT limit_entries_copied_from REFERENCES limit_entries (id);
-- locks: no row is in it yet.
CREATE INDEX limit_entries_copies ON limit_entries (copied_from) WHERE copied_from IS NOT NULL;

CREATE FUNCTION entry_travels(entry limit_entries, x transfers) RETURNS void
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

CREATE FUNCTION entries_give_back(entries uuid[]) RETURNS void
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
CREATE FUNCTION entry_follows() RETURNS trigger
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
CREATE TRIGGER entry_taken AFTER INSERT ON limit_entries FOR EACH ROW EXECUTE FUNCTION entry_follows();
CREATE TRIGGER entry_given_back AFTER UPDATE OF given_back_at ON limit_entries FOR EACH ROW
	WHEN (OLD.given_back_at IS NULL AND NEW.given_back_at IS NOT NULL) EXECUTE FUNCTION entry_follows();

-- Cancels what the giver has planned for the days after the answer, and gives its units back. What was planned for
-- earlier days may have been held: the giver says so, and until then it counts.
CREATE FUNCTION planned_ends(x transfers) RETURNS void
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
CREATE FUNCTION transfer_leaves(transfer uuid) RETURNS void
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
CREATE FUNCTION transfer_arrives(transfer uuid) RETURNS void
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

-- As before, and: a client who comes by a transfer is the person that the giver's client is.
CREATE OR REPLACE FUNCTION client_arrives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
	this_year int := extract(year FROM riga_today());
	place int;
BEGIN
	IF app_setting('actor') IS DISTINCT FROM 'cli' THEN
		NEW.number := NULL;
		NEW.person_id := NULL;
		SELECT c.person_id INTO NEW.person_id FROM transfers t JOIN clients c ON c.id = t.client_id
		WHERE t.new_client_id = NEW.id AND t.to_provider_id = NEW.provider_id AND t.state = 'accepted';
	END IF;
	IF NEW.person_id IS NULL AND NEW.personal_code_index IS NOT NULL THEN
		SELECT c.person_id INTO NEW.person_id FROM clients c
		WHERE c.personal_code_index = NEW.personal_code_index ORDER BY c.id LIMIT 1;
	END IF;
	IF NEW.person_id IS NULL THEN
		INSERT INTO persons DEFAULT VALUES RETURNING id INTO NEW.person_id;
	END IF;
	IF NEW.number IS NULL THEN
		INSERT INTO client_numbers AS n (provider_id, year, last) VALUES (NEW.provider_id, this_year, 1)
		ON CONFLICT (provider_id, year) DO UPDATE SET last = n.last + 1
		RETURNING n.last INTO place;
		NEW.number := this_year || '-' || lpad(place::text, greatest(4, length(place::text)), '0');
	END IF;
	RETURN NEW;
END
$$;

-- The giver keeps what it has done and may correct it; nothing new begins in a case that has gone to another provider.
-- After the insert: whoever may not write here at all is told nothing of the case.
CREATE FUNCTION case_has_gone() RETURNS trigger
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
CREATE TRIGGER case_has_gone BEFORE UPDATE OF status ON cases FOR EACH ROW
	WHEN (OLD.status = 'closed' AND NEW.status <> 'closed') EXECUTE FUNCTION case_has_gone();
DO $$
DECLARE
	name text;
	part text;
BEGIN
	FOR name, part IN VALUES ('consultations', 'corrects_id'), ('accommodations', 'corrects_id'),
		('interpretations', 'corrects_id'), ('legal_documents', 'corrects_id'), ('trainings', 'corrects_id'),
		('goods', 'corrects_id'), ('representations', 'corrects_id'), ('applications', NULL),
		('identifications', NULL), ('decisions', NULL), ('journeys', NULL), ('escorts', NULL),
		('assessments', NULL), ('plans', NULL), ('criminal_proceedings', NULL), ('support_periods', NULL),
		('hearings', NULL), ('powers_of_attorney', NULL)
	LOOP
		EXECUTE format('CREATE TRIGGER case_has_gone AFTER INSERT ON %I FOR EACH ROW %s'
			' EXECUTE FUNCTION case_has_gone()', name, 'WHEN (NEW.' || part || ' IS NULL)');
	END LOOP;
END
$$;

-- Nor is anything moved past the giver's last day, or corrected to a later one: the receiver's units would be used for
-- it. What was held later, because the day was told late, stays where it was. The argument: the day of a row, $1.
CREATE FUNCTION case_had_gone() RETURNS trigger
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
DO $$
DECLARE
	name text;
	moves text;
	day text;
	starts text := '(($1).starts_at AT TIME ZONE ''Europe/Riga'')::date';
BEGIN
	FOR name, moves, day IN VALUES ('consultations', 'starts_at', starts), ('interpretations', 'starts_at', starts),
		('representations', 'starts_at', starts), ('legal_documents', 'drafted_on', '($1).drafted_on'),
		('goods', 'given_on', '($1).given_on'),
		('trainings', 'enrolled_on, completed_on', 'greatest(($1).enrolled_on, ($1).completed_on)'),
		('accommodations', 'starts_on, ends_on',
			'greatest(($1).starts_on, coalesce(($1).ends_on - 1, ''infinity''))'),
		('assessments', 'assessed_on', '($1).assessed_on'), ('identifications', 'held_on', '($1).held_on'),
		('journeys', 'departed_at, planned_departure_at',
			'(coalesce(($1).departed_at, ($1).planned_departure_at) AT TIME ZONE ''Europe/Riga'')::date')
	LOOP
		EXECUTE format('CREATE TRIGGER case_had_gone AFTER UPDATE OF %s ON %I FOR EACH ROW'
			' EXECUTE FUNCTION case_had_gone(%L)', moves, name, day);
		IF name NOT IN ('assessments', 'identifications', 'journeys') THEN
			EXECUTE format('CREATE TRIGGER case_had_gone_before AFTER INSERT ON %I FOR EACH ROW'
				' WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION case_had_gone(%L)',
				name, day);
		END IF;
	END LOOP;
END
$$;

REVOKE ALL ON FUNCTION transfer_lock(uuid), transfer_key(uuid), handover(uuid), handover_notes(uuid, uuid, int),
	transfer_answer(uuid, text, date, bytea, uuid, uuid, boolean), transfer_leaves(uuid), transfer_arrives(uuid),
	planned_ends(transfers), entry_travels(limit_entries, transfers), entries_give_back(uuid[]),
	arrives_now(uuid), transfer_settles(), entry_follows(), case_has_gone(), case_had_gone() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION transfer_lock(uuid), transfer_key(uuid), handover_notes(uuid, uuid, int),
	transfer_answer(uuid, text, date, bytea, uuid, uuid, boolean), transfer_leaves(uuid), transfer_arrives(uuid),
	arrives_now(uuid) TO atbalsts_api;
