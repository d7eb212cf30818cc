"""What holds the cluster back: structure, sameness, lock-in, dependence, information flow, co-development."""
