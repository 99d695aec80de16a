"""Areas, grids, their versions in time, and which grid holds a place."""
