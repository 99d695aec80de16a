"""Chance for each step of making, so that a change in one step leaves the draws of the others alone."""

from enum import IntEnum

import numpy as np


class Step(IntEnum):
    """The steps in order of making; a number, once given, stays."""

    LAND = 0
    STREETS = 1
    TOWN = 2
    VILLAGES = 3
    STEPPED_EDGES = 4
    ROADS = 5
    BLOCKS = 6
    AREAS = 7
    NAMES = 8
    HOUSEHOLDS = 9
    BUILDINGS = 10
    HOUSES = 11
    FIELDS = 12
    HISTORY = 13
    PEOPLE = 14
    DEVICES = 15
    INCIDENTS = 16
    SITES = 17
    EDITIONS = 18
    STREET_NAMES = 19


class Dice:
    """Child seeds of one seed: each step throws its own."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, step: Step) -> np.random.Generator:
        """Return a fresh generator for `step`; asking twice gives the same draws twice."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(int(step),)))
