"""Charts, the HTML report and workbooks, read from a finished run."""
