-- Roles of the service. Run by psql as superuser before CREATE DATABASE atbalsts OWNER atbalsts_owner; may be repeated.
-- atbalsts_owner migrates and loads; atbalsts_api serves, owns nothing and is held by row-level security. What PUBLIC
-- may do in the database is revoked by the first migration.
\set ON_ERROR_STOP on

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['atbalsts_owner', 'atbalsts_api', 'atbalsts_jobs']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

-- Under FORCE ROW LEVEL SECURITY an owner without BYPASSRLS would migrate and copy nothing.
ALTER ROLE atbalsts_owner NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS;
ALTER ROLE atbalsts_api NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;
ALTER ROLE atbalsts_jobs NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;
