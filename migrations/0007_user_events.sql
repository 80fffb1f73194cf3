-- The transactional outbox of users: every change of a row leaves an event in the same transaction, hence in the same statement of
-- the Worker (docs/events.md). Triggers write them, not the code: the version before this one, which knows of no events, serves
-- beside the new one during a release and alone after a rollback, and its writes are events too, as are those that somebody
-- makes by hand. It survives them: they run after the row is written and change nothing of it, as their owner, so that whoever
-- may write users needs no further right. Expand only.
--
-- A user as the API gives it. A composite type and not JSON: of all that an event costs whoever makes a change, JSON would be a fifth.
CREATE TYPE "user_snapshot" AS ("id" uuid, "username" text, "email" text, "full_name" text, "created_at" timestamptz, "updated_at" timestamptz);
--> statement-breakpoint
CREATE TABLE "user_event_feed" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"swept_stamp" bigint DEFAULT 0 NOT NULL,
	"swept_position" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "user_event_feed_is_one_row" CHECK ("user_event_feed"."is_only")
);
--> statement-breakpoint
CREATE TABLE "user_events" (
	"stamp" bigint NOT NULL,
	"position" bigint GENERATED ALWAYS AS IDENTITY (sequence name "user_events_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"event_id" uuid NOT NULL,
	"type" text NOT NULL,
	"user_id" uuid NOT NULL,
	"user_version" integer NOT NULL,
	"payload" "user_snapshot",
	"occurred_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "user_events_pkey" PRIMARY KEY("stamp","position")
);
--> statement-breakpoint
CREATE INDEX "user_events_user_id_stamp_position_idx" ON "user_events" USING btree ("user_id","stamp","position");
--> statement-breakpoint
INSERT INTO "user_event_feed" DEFAULT VALUES;
--> statement-breakpoint
-- UUID version 7 (RFC 9562 section 5.7) of this moment, for PostgreSQL before 18, which has its own. The random part is that of a version
-- 4, whose variant bits are the same, without its first 13 digits.
CREATE FUNCTION uuidv7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(gen_random_uuid()::text, 16))::uuid;
--> statement-breakpoint
-- PostgreSQL's own where there is one: pg_catalog comes first, and a body that is no text is bound when it is written.
CREATE FUNCTION user_event_id() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN uuidv7();
--> statement-breakpoint
-- Counts the clusters, whose transaction ids start over, that the events have lived in. restart_user_event_stamps() writes it anew: a
-- number that changes once in years costs nothing as a function, where a row would be read for each event. Not IMMUTABLE, or sessions
-- would keep it in their plans.
CREATE FUNCTION user_event_epoch() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN 0::bigint;
--> statement-breakpoint
-- What a transaction has that writes now, and what those have at least that may still write: 40 bits are room for a thousand
-- transactions a second, 34 years long.
CREATE FUNCTION user_event_stamp() RETURNS bigint
LANGUAGE sql VOLATILE
RETURN (user_event_epoch() << 40) + txid_current();
--> statement-breakpoint
CREATE FUNCTION user_event_horizon() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (user_event_epoch() << 40) + txid_snapshot_xmin(txid_current_snapshot());
--> statement-breakpoint
-- A transaction's id is taken before it commits, so events can become visible in another order. They are served only up to the
-- oldest transaction that still runs, and nothing can appear before that: a stamp is never lower than the id of the transaction that
-- writes it. A new user has no event before this one, and needs no more than that id.
--
-- Each creation pays for what stands here. So it has no search path of its own, and no name that would be looked for in the caller's: all
-- are qualified, and there is no operator. The functions of above become part of the statement.
CREATE FUNCTION record_user_creation() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
AS $$
BEGIN
  INSERT INTO public.user_events (stamp, event_id, type, user_id, user_version, payload, occurred_at)
  VALUES (
    public.user_event_stamp(), public.user_event_id(), 'user.created', NEW.id, NEW.version,
    ROW(NEW.id, NEW.username, NEW.email, NEW.full_name, NEW.created_at, NEW.updated_at)::public.user_snapshot, pg_catalog.clock_timestamp()
  );
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- The stamp of a later event is higher than its transaction's id where the user's last event is of a transaction with a higher id, one
-- that began later and was done sooner: then the position decides, and the events of a user stand in the order of its versions. The
-- function is volatile, so each of its statements sees what was committed while the change waited for the lock of the row.
--
-- The last event is found by the index of users, whatever statistics say: a plan that is kept from when there were few events would
-- read all of them for each change.
--
-- A deletion takes the user out of the events before it: what is erased must not stay readable here.
CREATE FUNCTION record_user_change() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
  subject uuid := coalesce(NEW.id, OLD.id);
BEGIN
  IF TG_OP = 'DELETE' THEN
    UPDATE user_events SET payload = NULL WHERE user_id = subject AND payload IS NOT NULL;
  END IF;
  INSERT INTO user_events (stamp, event_id, type, user_id, user_version, payload, occurred_at)
  VALUES (
    greatest(
      user_event_stamp(),
      (SELECT before.stamp FROM user_events before WHERE before.user_id = subject ORDER BY before.stamp DESC LIMIT 1)
    ),
    user_event_id(),
    CASE TG_OP WHEN 'DELETE' THEN 'user.deleted' ELSE 'user.updated' END,
    subject,
    coalesce(NEW.version, OLD.version + 1),
    CASE TG_OP
      WHEN 'DELETE' THEN NULL
      ELSE ROW(NEW.id, NEW.username, NEW.email, NEW.full_name, NEW.created_at, NEW.updated_at)::user_snapshot
    END,
    clock_timestamp()
  );
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "users_event_of_creation" AFTER INSERT ON "users"
  FOR EACH ROW EXECUTE FUNCTION record_user_creation();
--> statement-breakpoint
CREATE TRIGGER "users_event_of_deletion" AFTER DELETE ON "users"
  FOR EACH ROW EXECUTE FUNCTION record_user_change();
--> statement-breakpoint
CREATE TRIGGER "users_event_of_change" AFTER UPDATE ON "users"
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION record_user_change();
--> statement-breakpoint
-- Removes events that happened before a moment, from the first on, and notes how far; gives how many. As its owner, so that the
-- Worker, which may only read events, cannot remove younger ones than a day.
CREATE FUNCTION sweep_user_events(moment timestamptz) RETURNS bigint
LANGUAGE sql VOLATILE STRICT SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
  WITH kept AS (
    SELECT stamp FROM user_events WHERE occurred_at >= least(moment, now() - interval '1 day') ORDER BY stamp, position LIMIT 1
  ), gone AS (
    DELETE FROM user_events
    WHERE occurred_at < least(moment, now() - interval '1 day')
      AND stamp < coalesce((SELECT stamp FROM kept), user_event_horizon())
    RETURNING stamp, position
  ), noted AS (
    UPDATE user_event_feed SET swept_stamp = last.stamp, swept_position = last.position
    FROM (SELECT stamp, position FROM gone ORDER BY stamp DESC, position DESC LIMIT 1) AS last
    WHERE (last.stamp, last.position) > (swept_stamp, swept_position)
  )
  SELECT count(*) FROM gone
$$;
--> statement-breakpoint
-- To be called once wherever transaction ids may have gone back: after a restore, from a dump or to an earlier moment. All events to
-- come stand behind all that were ever served, and cursors stay good. The hour makes another restore of the same state another epoch.
CREATE FUNCTION restart_user_event_stamps() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  started bigint;
BEGIN
  -- Whoever is writing is done before the epoch changes, and whoever comes next knows of it.
  LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
  started := greatest(user_event_epoch() + 1, extract(epoch FROM now())::bigint / 3600);
  EXECUTE format('CREATE OR REPLACE FUNCTION public.user_event_epoch() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE RETURN %s::bigint', started);
  RETURN started;
END
$$;
