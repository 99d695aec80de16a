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


class DeadEnd(Exception):
    """A draw led to a district that does not work out; another one will."""


class Dice:
    """Child seeds of one seed: each step throws its own, and each attempt after a dead end throws anew."""

    def __init__(self, seed: int, attempt: int = 0) -> None:
        self.seed = seed
        self.attempt = attempt

    def of(self, step: Step) -> np.random.Generator:
        """Return a fresh generator for `step`; asking twice gives the same draws twice."""
        key = (int(step), self.attempt) if self.attempt else (int(step),)
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))
