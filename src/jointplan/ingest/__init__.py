"""Outside files and platforms to checked tables."""
