"""Rules of calls, supervision, look-backs and rectification: kept like all others, so that they can be imported."""

from alembic import op

revision = "0026"
down_revision = "0025"

_RULES = ("call_term", "supervision_rule", "look_back_rule", "rectify_term")


def upgrade() -> None:
    # What has not begun may be taken back; what has begun ends, and stays.
    op.execute(f"GRANT DELETE ON {', '.join(_RULES)} TO gridmap_app")
    for table in _RULES:
        op.execute(
            f"CREATE TRIGGER {table}_keep_begun BEFORE DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION rule_keep_begun()"
        )
