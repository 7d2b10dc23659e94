"""Measurements, each a program."""
