-- Which request made a key, so that a replayed answer leads to the log event of the first one. Expand only: nullable and
-- without default, so nothing is rewritten and the version that is running, which does not name it, is not disturbed.
-- The code of the next release may fill it in; nothing reads it before that.
ALTER TABLE "idempotency_keys" ADD COLUMN "request_id" text;
