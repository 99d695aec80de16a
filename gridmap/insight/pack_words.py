"""The words of a grid pack: what each post is there for, and how often each kind of site is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gridmap.language import N_

SITE_KINDS: Final[Mapping[str, str]] = {
    "building": N_("Buildings"),
    "village_house": N_("Village houses"),
    "stairwell": N_("Stairwells"),
    "enterprise": N_("Enterprises"),
    "school": N_("Schools"),
    "hospital": N_("Hospitals"),
    "market": N_("Markets"),
    "works": N_("Works"),
    "station": N_("Stations"),
    "park": N_("Parks"),
    "shop": N_("Shops"),
    "hazard_point": N_("Hazard points"),
    "key_premises": N_("Key premises"),
}

ROUNDS: Final[Mapping[str, str]] = {
    "building": N_("Daily round"),
    "village_house": N_("Daily round"),
    "stairwell": N_("Daily round"),
    "enterprise": N_("Weekly visit"),
    "works": N_("Weekly visit"),
    "hazard_point": N_("On every round"),
    "key_premises": N_("Weekly visit"),
}
"""As rounds are walked (the daily one of buildings, the weekly one of enterprises); the rest is passed on the way."""
ON_THE_WAY: Final = N_("On the way")

CADRE_PARTS: Final[Mapping[str, str]] = {
    "chief": N_("Grid chief"),
    "township": N_("Township desk"),
    "leader": N_("Leader in charge"),
    "handler": N_("Handler"),
    "policy": N_("Policy specialist"),
    "department": N_("Department"),
}

CADRE_DUTIES: Final[Mapping[str, str]] = {
    "chief": N_("Answers for the whole grid: settles what can be settled here, and calls the departments it needs."),
    "township": N_("Takes in what the grid hands up, sends it to who can settle it, and minds the deadlines."),
    "department": N_("Comes when called, settles the matter on the spot, and reports back with evidence."),
}

POSTS: Final[Mapping[str, str]] = {
    "full-time": N_("Full-time worker"),
    "part-time": N_("Part-time worker"),
    "micro": N_("Micro-grid worker"),
}
WORKER: Final = N_("Grid worker")

POST_DUTIES: Final[Mapping[str, str]] = {
    "full-time": N_("Walks the daily round, visits enterprises weekly, reports what is found, settles small matters."),
    "part-time": N_("Helps on rounds, and looks again at what was put right."),
    "micro": N_("Knows about ten households, and passes on what they need."),
}
WORKER_DUTY: Final = N_("Walks rounds, reports what is found, and settles small matters on the spot.")
