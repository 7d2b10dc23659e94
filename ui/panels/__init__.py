"""The panels around the views: setting up, steering and trying out a run."""
