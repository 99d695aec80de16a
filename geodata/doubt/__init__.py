"""The probability of each grid when the point has an error."""

from geodata.doubt.accuracy import ASSUMED_SIGMA_M, RADIUS_PER_SIGMA, SIGMA_FLOOR_M, Convention, sigma_of
from geodata.doubt.bulk import Doubtful, locate_with_doubt
from geodata.doubt.certainty import STATED_WITHIN, TOO_WIDE_M, Certainty, certainty, settle, stated_wins
from geodata.doubt.gaussian import mass, masses, nearest_sigmas, sunflower
from geodata.doubt.weighing import LEAST_TOLD, Weighed, isotropic, lies_plainly, weigh, weigh_fast

__all__ = [
    "ASSUMED_SIGMA_M",
    "LEAST_TOLD",
    "RADIUS_PER_SIGMA",
    "SIGMA_FLOOR_M",
    "STATED_WITHIN",
    "TOO_WIDE_M",
    "Certainty",
    "Convention",
    "Doubtful",
    "Weighed",
    "certainty",
    "isotropic",
    "lies_plainly",
    "locate_with_doubt",
    "mass",
    "masses",
    "nearest_sigmas",
    "settle",
    "sigma_of",
    "stated_wins",
    "sunflower",
    "weigh",
    "weigh_fast",
]
