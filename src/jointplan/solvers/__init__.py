"""The one door to HiGHS: arrays in, certified result out."""
