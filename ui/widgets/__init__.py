"""The small widgets that every part of the window is made of; each module holds one."""
