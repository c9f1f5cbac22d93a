"""`python -m bot` is `redsteward`."""

import gc
import os
import sys


def main() -> int:
    """Run a command; return the exit status.

    What is loaded now stays as long as the program does: to look for cycles in it meanwhile was a tenth of the start.
    pydantic would look through all that is installed for plugins, of which none is wanted.
    """
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from bot.cli import main as carry_out

    return carry_out()


if __name__ == "__main__":
    sys.exit(main())
