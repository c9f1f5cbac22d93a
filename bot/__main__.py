"""`python -m bot` is `redsteward`."""

import sys

from bot.cli import main

sys.exit(main())
