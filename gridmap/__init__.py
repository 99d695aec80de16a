"""The domain of grid governance and its database."""

__version__ = "0.1.0"
