"""Rows of a foreign table become typed rows of ours; all that is wrong is told at once, and nothing is written."""
