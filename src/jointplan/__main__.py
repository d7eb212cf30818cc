"""``python -m jointplan`` is the command ``jointplan``."""

from jointplan.cli import main

if __name__ == "__main__":
    main()
