"""Who may do what, where, from when to when."""
