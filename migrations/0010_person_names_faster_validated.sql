-- The rows that were there before 0008_person_names_faster, in a transaction of its own: it reads them all, and keeps nobody waiting.
-- They meet the rule, which is that of before.
ALTER TABLE "users" VALIDATE CONSTRAINT "users_full_name_valid";
