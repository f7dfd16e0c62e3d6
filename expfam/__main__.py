"""`python -m expfam` is the command `expfam`."""

import sys

from expfam.cli import main

if __name__ == "__main__":
    sys.exit(main())
