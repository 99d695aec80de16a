"""
The made-up district: believable, good to look at, and the same bytes for the same seed.

Each step of making stands in a module of its own and uses only what stands before it: land, streets, town, villages,
roads, blocks, fabric (the coverage), areas, register, buildings, houses, sites, editions, people, devices, ways,
incidents, ground; `district` calls them in this order, `files` writes the result.
"""

from geodata.sample.district import District, make_district
from geodata.sample.editions import Edition
from geodata.sample.files import write_district

__all__ = ["District", "Edition", "make_district", "write_district"]
