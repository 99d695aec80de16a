"""Households and streets into grids, and areas into zones."""

from geodata.partition.balancing import balance
from geodata.partition.counts import Range
from geodata.partition.drawing import partition, split
from geodata.partition.proposal import Cancelled, Proposal, Watch
from geodata.partition.score import Score, compactness
from geodata.partition.villages import villages
from geodata.partition.zoning import Zones, Zoning, complementarity, zones

__all__ = [
    "Cancelled", "Proposal", "Range", "Score", "Watch", "Zones", "Zoning", "balance", "compactness",
    "complementarity", "partition", "split", "villages", "zones",
]  # fmt: skip
