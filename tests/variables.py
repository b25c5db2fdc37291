"""The environment variables of the test project, for its settings and for child processes."""

# Which database a run works on: sqlite or postgresql.
DATABASE = "DYNSCHEMA_TEST_DATABASE"
# Where a PostgreSQL server is.
URL = "DYNSCHEMA_TEST_DATABASE_URL"
# Where this run may put files.
FOLDER = "DYNSCHEMA_TEST_FOLDER"
# The test database that exists already, for a process that a test starts.
NAME = "DYNSCHEMA_TEST_DATABASE_NAME"
