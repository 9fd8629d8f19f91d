"""The `lore` command: one module per family of commands; heavy things load inside them."""

import sys

from knowledge.errors import LoreError, SettingsError, StoreError


def main() -> None:
    """Run the command line; a LoreError becomes one line on standard error, and never a traceback.

    Exit codes: 0 done, 1 it failed (the line says why), 2 wrong settings or arguments, 130 interrupted.
    """
    from sqlalchemy.exc import DatabaseError

    from bot.cli.app import app

    try:
        app(prog_name="lore")
    except SettingsError as error:
        sys.exit(_say(error, 2))
    except LoreError as error:
        sys.exit(_say(error, 1))
    except DatabaseError as error:
        sys.exit(_say(StoreError(f"the database cannot be used: {error.orig}; see `lore doctor`"), 1))
    except KeyboardInterrupt:
        sys.exit(130)


def _say(error: LoreError, code: int) -> int:
    print(f"lore: {error}", file=sys.stderr)
    return code
