"""How Alembic reaches the database: over a connection that the caller has opened."""

from alembic import context

from director_api.database import Base
from director_api.tables import ALL_TABLES

assert ALL_TABLES  # noqa: S101  # importing it fills the metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    transactional_ddl=True,  # SQLite's is, since the Director begins each transaction itself
)
with context.begin_transaction():
    context.run_migrations()
