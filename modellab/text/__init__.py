"""Text as a model reads it: tokens and their vocabulary."""
