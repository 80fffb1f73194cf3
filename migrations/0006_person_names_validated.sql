-- The rows that were there before 0005_person_names, in a transaction of its own: it reads them all, and keeps nobody waiting.
-- It fails when a name consists of nothing but invisible letters; docs/migrations.md says how to find it.
ALTER TABLE "users" VALIDATE CONSTRAINT "users_full_name_valid";
