-- Time limits for whoever connects to this database and sets none itself: above all the Worker, whose statements come
-- through Neon's HTTP proxy, which hands no options on. They belong to the database and not to a role, because the
-- Worker's role may have any name and is replaced when its password changes. New sessions have them; what needs more
-- time says so itself, as migrations, pg_dump and autovacuum do.
--
-- Each is a net beneath what the Worker does by itself, and so wide that no running version meets it:
--   statement_timeout  A request's deadline (5 s) cancels its statement first, and so does that of the hourly sweep (25 s),
--                      the longest wait of any version. Whoever asked is gone after 30 s, and the cancellation was lost.
--   lock_timeout       Above the deadline, whose 504 comes at its time whatever a statement waits for, and above the 2 s
--                      that a migration may stand in the queue of a lock, with everybody else behind it. Who waits for
--                      somebody's lock still after 10 s has lost its caller, and would be one more in the queue.
--   idle_in_transaction_session_timeout  A client that went away in the middle of a transaction keeps its locks; no
--                      longer than a statement might.
DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I SET statement_timeout = %L', current_database(), '30s');
  EXECUTE format('ALTER DATABASE %I SET lock_timeout = %L', current_database(), '10s');
  EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = %L', current_database(), '30s');
END
$$;
