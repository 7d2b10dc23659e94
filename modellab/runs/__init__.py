"""Runs: a folder each. The run folder is the interface between a trainer and everyone else."""
