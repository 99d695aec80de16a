"""Hazards and who puts them right: the ledger, numbered notices, look-backs, and safe zones around a danger."""
