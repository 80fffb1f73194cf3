-- A new user in one call. It gives NULL, or which unique constraint stands against it: then nothing is inserted, and nothing failed. An
-- INSERT that conflicts quietly and asks who is in the way was a statement of its own before, and PostgreSQL planned all of it for each user;
-- a connection plans what stands here once. VOLATILE, so that each of its statements also sees a row that another transaction committed
-- while the insert waited for it.
CREATE FUNCTION insert_user(
  new_id uuid, new_username text, new_email text, new_full_name text, new_created_at timestamptz, new_updated_at timestamptz, new_version integer
) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  INSERT INTO users (id, username, email, full_name, created_at, updated_at, version)
  VALUES (new_id, new_username, new_email, new_full_name, new_created_at, new_updated_at, new_version)
  ON CONFLICT DO NOTHING;
  IF FOUND THEN
    RETURN NULL;
  END IF;
  RETURN CASE
    WHEN EXISTS (SELECT FROM users WHERE username = new_username) THEN 'users_username_key'
    WHEN EXISTS (SELECT FROM users WHERE email = new_email) THEN 'users_email_key'
    -- Whoever was in the way is gone by now.
    ELSE 'none'
  END;
END
$$;
