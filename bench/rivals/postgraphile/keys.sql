-- After the rows: what is indexed once is indexed faster.
CREATE INDEX ON departments (parent_id, position);
CREATE INDEX ON users (email);
CREATE INDEX ON memberships (dept_id, position);
CREATE INDEX ON memberships (user_id, user_position);
ALTER TABLE departments ADD FOREIGN KEY (parent_id) REFERENCES departments;
ALTER TABLE memberships ADD FOREIGN KEY (dept_id) REFERENCES departments;
ALTER TABLE memberships ADD FOREIGN KEY (user_id) REFERENCES users;
VACUUM ANALYZE departments;
VACUUM ANALYZE users;
VACUUM ANALYZE memberships;
