"""The daily round of grid staff: what their phones keep, so that they work where there is no network."""
