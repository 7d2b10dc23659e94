"""`python -m modellab` is the command line."""

import sys

from modellab.cli import main

if __name__ == "__main__":
    sys.exit(main())
