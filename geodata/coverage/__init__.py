"""Whether grids fill their district without gap and overlap, and how to make them."""

from geodata.coverage.check import find_defects
from geodata.coverage.clean import Cleaned, clean
from geodata.coverage.defects import Defect, Kind

__all__ = ["Cleaned", "Defect", "Kind", "clean", "find_defects"]
