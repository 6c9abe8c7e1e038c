-- The two providers of 2017–2018, their contract, and a fictional one in force for all other days.
BEGIN;
SELECT set_config('app.actor', 'cli', true);

INSERT INTO providers (id, name, register_number, addresses, phones, email, languages, active) VALUES
	('01890000-0000-7000-8000-00000000a001', 'biedrība "Resursu centrs sievietēm "Marta""', '40008053478',
		'{"Matīsa iela 49-3, Rīga"}', '{+37167378539,+37180002012}', 'centrs@marta.lv', '{lv,ru,en}', true),
	('01890000-0000-7000-8000-00000000a002', 'biedrība "Patvērums "Drošā māja""', '40008117945',
		'{"Lāčplēša iela 75-9/10, Rīga"}', '{+37167898343,+37128612120}', 'drosa.maja@gmail.com',
		'{lv,ru,en}', true);

INSERT INTO contracts (id, number, title, ministry, starts_on, ends_on, planned_clients) VALUES
	('01890000-0000-7000-8000-00000000c001', 'LRLM2016/28-3-02/25',
		'Sociālā rehabilitācija cilvēku tirdzniecības upuriem', 'Labklājības ministrija',
		'2017-01-01', '2018-12-31', 24),
	('01890000-0000-7000-8000-00000000c002', 'TEST/1', 'A contract for tests, in force after it',
		'Labklājības ministrija', '2019-01-01', '2199-12-31', 100);

INSERT INTO contract_parties (id, contract_id, provider_id)
SELECT gen_random_uuid(), c.id, p.id FROM contracts c, providers p;
COMMIT;
