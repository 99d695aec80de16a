"""Files in and out: every kind of thing that a district brings along or takes home."""
