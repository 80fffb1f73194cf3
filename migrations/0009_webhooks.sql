-- Webhooks (docs/events.md): where events are sent, what is to be sent there, when to look at it, and how far events have become deliveries.
-- The API writes the endpoints, the events Worker the rest; afterwards run ops/sql/worker-role.sql again. Expand only.
CREATE TABLE "webhook_endpoints" (
	"id" uuid PRIMARY KEY NOT NULL,
	"url" text NOT NULL,
	"description" text,
	"event_types" text[] DEFAULT '{}' NOT NULL,
	"secret" text NOT NULL,
	"previous_secret" text,
	"previous_secret_until" timestamp (3) with time zone,
	"status" text DEFAULT 'enabled' NOT NULL,
	"disabled_reason" text,
	"failing_since" timestamp (3) with time zone,
	"consecutive_failures" integer DEFAULT 0 NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "webhook_endpoints_url_valid" CHECK (length("webhook_endpoints"."url") between 1 and 2048),
	CONSTRAINT "webhook_endpoints_status_valid" CHECK ("webhook_endpoints"."status" in ('enabled', 'disabled')),
	CONSTRAINT "webhook_endpoints_reason_valid" CHECK (("webhook_endpoints"."status" = 'disabled') = ("webhook_endpoints"."disabled_reason" is not null)),
	CONSTRAINT "webhook_endpoints_rotation_valid" CHECK (("webhook_endpoints"."previous_secret" is null) = ("webhook_endpoints"."previous_secret_until" is null)),
	CONSTRAINT "webhook_endpoints_version_valid" CHECK ("webhook_endpoints"."version" >= 1)
);
--> statement-breakpoint
CREATE INDEX "webhook_endpoints_created_at_id_idx" ON "webhook_endpoints" USING btree ("created_at","id");
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"endpoint_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"stamp" bigint NOT NULL,
	"position" bigint NOT NULL,
	"event_type" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone,
	"claimed_until" timestamp (3) with time zone,
	"fencing_token" integer DEFAULT 0 NOT NULL,
	"last_status" integer,
	"last_error" text,
	"last_attempt_at" timestamp (3) with time zone,
	"delivered_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY("endpoint_id","event_id"),
	CONSTRAINT "webhook_deliveries_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "webhook_endpoints"("id") ON DELETE CASCADE,
	CONSTRAINT "webhook_deliveries_state_valid" CHECK ("webhook_deliveries"."state" in ('pending', 'delivered', 'dead')),
	CONSTRAINT "webhook_deliveries_due_at_valid" CHECK (("webhook_deliveries"."state" = 'pending') = ("webhook_deliveries"."due_at" is not null)),
	CONSTRAINT "webhook_deliveries_delivered_at_valid" CHECK (("webhook_deliveries"."state" = 'delivered') = ("webhook_deliveries"."delivered_at" is not null))
);
--> statement-breakpoint
-- What is first in its lane: only of what is pending, so that what is done costs nothing. Such tables fill and empty faster than statistics
-- follow, and without them all indexes look alike: these begin and end so that each statement can use only one.
CREATE INDEX "webhook_deliveries_lane_idx" ON "webhook_deliveries" USING btree ("subject_id","endpoint_id","stamp","position") WHERE state = 'pending';
--> statement-breakpoint
CREATE INDEX "webhook_deliveries_recent_idx" ON "webhook_deliveries" USING btree ("endpoint_id","created_at","event_id");
--> statement-breakpoint
CREATE TABLE "webhook_lanes" (
	"endpoint_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"generation" bigint DEFAULT 0 NOT NULL,
	"next_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_lanes_pkey" PRIMARY KEY("endpoint_id","subject_id"),
	CONSTRAINT "webhook_lanes_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "webhook_endpoints"("id") ON DELETE CASCADE
);
--> statement-breakpoint
CREATE INDEX "webhook_lanes_next_idx" ON "webhook_lanes" USING btree ("endpoint_id","next_at") WHERE next_at is not null;
--> statement-breakpoint
-- A lane to which deliveries are added is due, unless it is looked after already. As the owner, so that whoever may add deliveries needs no
-- right to lanes; in their order, so that two who add to the same ones do not wait for each other.
CREATE FUNCTION wake_webhook_lanes() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  INSERT INTO webhook_lanes AS lane (endpoint_id, subject_id, next_at)
  SELECT DISTINCT endpoint_id, subject_id, now() FROM added WHERE state = 'pending' ORDER BY endpoint_id, subject_id
  ON CONFLICT (endpoint_id, subject_id) DO UPDATE
  SET generation = lane.generation + 1, next_at = coalesce(lane.next_at, excluded.next_at);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "webhook_deliveries_wake_lanes" AFTER INSERT ON "webhook_deliveries"
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION wake_webhook_lanes();
--> statement-breakpoint
CREATE TABLE "webhook_dispatch" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"stamp" bigint DEFAULT 0 NOT NULL,
	"position" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "webhook_dispatch_is_one_row" CHECK ("webhook_dispatch"."is_only")
);
--> statement-breakpoint
INSERT INTO "webhook_dispatch" DEFAULT VALUES;
