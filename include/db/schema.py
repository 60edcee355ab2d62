"""Our tables, by Alembic. No alembic.ini: the configuration is made here."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine, make_url, text

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_335_533_721


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` (postgresql://…) to `revision`; does nothing where it is there already.

    All in one transaction, and one process at a time: workers that start together may all call it.
    """
    engine = create_engine(sqlalchemy_url(url))
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            configuration = config()
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, revision)
    finally:
        engine.dispose()


def config() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def head() -> str:
    """The newest revision."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def sqlalchemy_url(url: str) -> URL:
    """SQLAlchemy's default driver would be psycopg2."""
    return make_url(url).set(drivername="postgresql+psycopg")
