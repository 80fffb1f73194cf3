-- The rights of the Workers. The API reads and writes rows of the tables in public, and does nothing else; the events Worker reads
-- events and looks after deliveries, and sees no user. Run as the owner of the database, over a direct connection, as often as you
-- like: afterwards the rights are these, whatever they were before.
--
-- Rights belong to users_worker and events_worker, which nobody can log in as. Roles that log in are their members, so that a second one
-- with the same rights is one statement (docs/operations.md, DATABASE_URL). Roles made by Neon's API or console would be
-- administrators (neon_superuser), so these are made here. Passwords are set elsewhere: a role without one cannot log in.
BEGIN;

SET LOCAL lock_timeout = '5s';

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'users_worker') THEN
    CREATE ROLE users_worker NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'users_api') THEN
    CREATE ROLE users_api NOLOGIN;
  END IF;
  IF NOT pg_has_role('users_api', 'users_worker', 'MEMBER') THEN
    GRANT users_worker TO users_api;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'events_worker') THEN
    CREATE ROLE events_worker NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'users_events') THEN
    CREATE ROLE users_events NOLOGIN;
  END IF;
  IF NOT pg_has_role('users_events', 'events_worker', 'MEMBER') THEN
    GRANT events_worker TO users_events;
  END IF;
  -- Temporary tables are DDL too, and open to everybody until somebody says otherwise.
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO users_worker', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO events_worker', current_database());
END
$$;

-- Beyond the Worker's own deadline (5 s), for statements whose client is gone.
ALTER ROLE users_api SET statement_timeout = '10s';
ALTER ROLE users_api SET lock_timeout = '3s';
ALTER ROLE users_api SET idle_in_transaction_session_timeout = '10s';
-- Its sweep takes longer than a request (25 s).
ALTER ROLE users_events SET statement_timeout = '30s';
ALTER ROLE users_events SET lock_timeout = '3s';
ALTER ROLE users_events SET idle_in_transaction_session_timeout = '10s';

REVOKE ALL ON SCHEMA public FROM users_worker, users_api, events_worker, users_events;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO users_worker, events_worker;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM users_worker, users_api, events_worker, users_events;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO users_worker;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM users_worker, users_api, events_worker, users_events;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO users_worker;

-- Events are written by triggers and removed by a function, as the owner: nobody who writes users can forge one or take one back.
DO $$
BEGIN
  IF to_regclass('public.user_events') IS NOT NULL THEN
    REVOKE INSERT, UPDATE, DELETE ON public.user_events, public.user_event_feed FROM users_worker;
  END IF;
END
$$;

-- The API says where events are sent, asks for tests and reads what became of deliveries, which are the events Worker's. That one
-- reads an endpoint with its secrets, and may write of it how deliveries go, never where they go.
DO $$
BEGIN
  IF to_regclass('public.webhook_deliveries') IS NOT NULL THEN
    REVOKE UPDATE, DELETE ON public.webhook_deliveries FROM users_worker;
    REVOKE INSERT, UPDATE, DELETE ON public.webhook_lanes, public.webhook_dispatch FROM users_worker;
    GRANT SELECT ON public.user_events, public.user_event_feed, public.webhook_endpoints TO events_worker;
    GRANT UPDATE (status, disabled_reason, failing_since, consecutive_failures, updated_at, version) ON public.webhook_endpoints TO events_worker;
    GRANT SELECT, INSERT, UPDATE, DELETE ON public.webhook_deliveries TO events_worker;
    GRANT SELECT, UPDATE, DELETE ON public.webhook_lanes TO events_worker;
    GRANT SELECT, UPDATE ON public.webhook_dispatch TO events_worker;
  END IF;
END
$$;

-- The next migration's tables too, so that a release needs nobody to grant anything.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO users_worker;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO users_worker;

-- The ledger of migrations: the start-up probe reads it.
DO $$
BEGIN
  IF to_regclass('public.schema_migrations') IS NOT NULL THEN
    REVOKE INSERT, UPDATE, DELETE ON public.schema_migrations FROM users_worker;
  END IF;
END
$$;

COMMIT;
