"""`python -m pagereel`: the same as the command `pagereel`."""

from __future__ import annotations

from pagereel.cli.boundary import main

if __name__ == "__main__":
    main()
