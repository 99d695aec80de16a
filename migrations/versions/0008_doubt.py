"""How sure the grid of a place is: the probability of lying outside, and a sentence that says why a person must look."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # Places stored before were not weighed. Nullable, without a default, the check not asked of rows that are all null:
    # nothing is rewritten or read while the tables are locked.
    for table in ("report", "alert", "incident"):
        op.execute(
            f"""
            ALTER TABLE {table}
                ADD COLUMN p_outside double precision,
                ADD COLUMN doubt_reason text,
                ADD CONSTRAINT {table}_p_outside_check CHECK (p_outside BETWEEN 0 AND 1) NOT VALID
            """
        )
