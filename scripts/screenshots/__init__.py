"""The pictures of the documentation: real runs, driven by clicks, in both themes."""
