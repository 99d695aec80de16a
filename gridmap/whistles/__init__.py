"""Who is called: departments by a grid's whistle, an arbiter by two refusals, supervisors by what is not done."""
