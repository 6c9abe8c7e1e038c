-- Beside the demo volume: what the bench picks from. Cases in aftercare, each with five consultations to give.
-- provider: whose clients; acts: how many consultations may be asked for.
SELECT set_config('app.actor', 'cli', false);
CREATE SCHEMA bench;

CREATE TABLE bench.cases AS
WITH c AS (SELECT id, key_id, row_number() OVER () - 1 AS n, count(*) OVER () AS clients
	FROM (SELECT id, key_id FROM clients WHERE provider_id = :'provider' ORDER BY id LIMIT :acts / 4) few)
SELECT g.n, gen_random_uuid() AS id, c.id AS client_id, c.key_id
FROM generate_series(1, :acts / 4) g (n) JOIN c ON c.n = (g.n - 1) % c.clients;

INSERT INTO cases (id, provider_id, client_id, key_id, opened_on, status, received_on, granted_on, course_start,
	course_end)
SELECT id, :'provider', client_id, key_id, '2018-01-08', 'aftercare', '2018-01-15', '2018-01-20', '2018-01-02',
	'2018-06-30'
FROM bench.cases;

-- Each act has a minute of its own, so that appointments do not collide.
CREATE TABLE bench.acts AS
SELECT g.n::int, ARRAY[c.id::text, c.client_id::text, c.key_id::text, to_char(m.at, 'YYYY-MM-DD"T"HH24:MI'),
	to_char(m.at, 'YYYY-MM-DD HH24:MI'), to_char(m.at + interval '1 min', 'YYYY-MM-DD"T"HH24:MI'),
	to_char(m.at + interval '1 min', 'YYYY-MM-DD HH24:MI')] AS v
FROM generate_series(1, :acts) g (n)
	JOIN bench.cases c ON c.n = (g.n - 1) % (SELECT count(*) FROM bench.cases) + 1,
	LATERAL (SELECT timestamp '2018-07-02' + g.n * interval '1 min' AS at) m;
ALTER TABLE bench.acts ADD PRIMARY KEY (n);
CREATE SEQUENCE bench.turns;

CREATE TABLE bench.items AS
SELECT (row_number() OVER ())::int AS n, array_agg(id::text) AS v
FROM (SELECT id, (row_number() OVER () - 1) / 10 AS part
	FROM (SELECT id FROM clients WHERE provider_id = :'provider' ORDER BY random() LIMIT 10000) c) d
GROUP BY part HAVING count(*) = 10;
ALTER TABLE bench.items ADD PRIMARY KEY (n);

GRANT USAGE ON SCHEMA bench TO atbalsts_api;
GRANT SELECT ON ALL TABLES IN SCHEMA bench TO atbalsts_api;
GRANT USAGE ON SEQUENCE bench.turns TO atbalsts_api;
