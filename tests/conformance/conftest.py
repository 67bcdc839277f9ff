"""What is a program of its own here is no module to look for doctests in."""

collect_ignore = ["users.py"]
