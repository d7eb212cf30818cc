"""Finding plans, and bounds that prove how good they are: prices, a search piece by piece, slopes and cuts."""
