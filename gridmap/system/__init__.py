"""Below all rooms: receipts, the audit, live events."""
