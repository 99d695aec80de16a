"""The made-up district in the database: loaded once, kept alive by a simulator; the last stop of the street."""
