"""Stock targets: how much of each product to hold where, from the spread of its demand."""
