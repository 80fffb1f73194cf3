-- Who holds a username or an email address. VOLATILE on purpose: its query gets a snapshot of its own, so that after
-- INSERT … ON CONFLICT DO NOTHING it also sees a row that another transaction committed while the insert waited for it.
CREATE FUNCTION users_holding(wanted_username text, wanted_email text)
RETURNS TABLE (username text, email text)
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
AS $$ SELECT users.username, users.email FROM users WHERE users.username = wanted_username OR users.email = wanted_email $$;
