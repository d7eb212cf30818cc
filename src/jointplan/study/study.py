"""A study: one workspace, opened, run and read."""


class Study:
    """A workspace opened for planning."""


class Run:
    """A finished run."""
