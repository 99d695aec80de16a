-- Makes the two roles, the database and its extensions on a PostgreSQL of your own, as its superuser:
--   psql -f database.sql -v app_password=... -v owner_password=...
-- Without passwords the roles sign in by peer only (docs/administrator.md).
\set ON_ERROR_STOP on
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', name)
FROM (VALUES ('gridmap_owner'), ('gridmap_app')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
\if :{?app_password}
ALTER ROLE gridmap_app PASSWORD :'app_password';
ALTER ROLE gridmap_owner PASSWORD :'owner_password';
\endif
SELECT 'CREATE DATABASE gridmap OWNER gridmap_owner TEMPLATE template0 ENCODING ''UTF8'' LOCALE ''C.UTF-8'''
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'gridmap') \gexec
REVOKE ALL ON DATABASE gridmap FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE gridmap TO gridmap_app;
\connect gridmap
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS ltree;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pgcrypto;
