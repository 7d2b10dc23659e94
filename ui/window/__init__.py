"""The window: it arranges; widgets show and ask through signals, the session decides."""
