"""Who sits at a desk, from when to when, and what one shift leaves to the next."""
