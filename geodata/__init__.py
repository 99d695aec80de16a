"""Geography alone: arrays and shapes in and out, no SQL, no web, no settings."""
