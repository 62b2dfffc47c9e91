"""``python -m zonegraph``."""

from zonegraph.cli import main

if __name__ == "__main__":
    main()
