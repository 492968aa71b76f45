-- The two roles of a database and the database itself. ${DATABASE} is users, products or orders.
-- Statements end with an empty line: PostgreSQL's single-user mode wants it so.

CREATE ROLE ${DATABASE}_owner LOGIN PASSWORD '${OWNER_PASSWORD}';

CREATE ROLE ${DATABASE}_app LOGIN PASSWORD '${APP_PASSWORD}';

CREATE DATABASE ${DATABASE}_db OWNER ${DATABASE}_owner;

REVOKE ALL ON DATABASE ${DATABASE}_db FROM PUBLIC;

GRANT CONNECT ON DATABASE ${DATABASE}_db TO ${DATABASE}_app;

-- Operators look at activity and statistics with the owner role.
GRANT pg_monitor TO ${DATABASE}_owner;

