"""What the window knows and decides: runs, focus, session. No widgets."""
