"""Model Lab without its window: specs, recipes, runs and training. Importing this package imports no torch."""

__version__ = "0.1.0"
