"""Files of areas, grids, sites and ways into the database: checked whole, then written whole."""
