"""From checked tables to the problem that all plans of a run share."""
