"""The window: every line of Qt in Model Lab lives under this package."""
