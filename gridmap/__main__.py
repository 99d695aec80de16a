"""`python -m gridmap`: the command line."""

from gridmap.cli import main

if __name__ == "__main__":
    main()
