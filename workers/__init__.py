"""Processes: one trainer a run, one inspector a window."""
