-- The company as somebody would keep it for PostGraphile: with the keys and the indexes that its queries use.
CREATE TABLE departments (
  dept_id bigint PRIMARY KEY,
  parent_id bigint,
  name text NOT NULL,
  position integer NOT NULL
);

CREATE TABLE users (
  user_id text PRIMARY KEY,
  name text NOT NULL,
  title text,
  job_number text,
  email text
);

CREATE TABLE memberships (
  dept_id bigint NOT NULL,
  user_id text NOT NULL,
  leader boolean,
  position integer NOT NULL,
  user_position integer NOT NULL,
  PRIMARY KEY (dept_id, user_id)
);
