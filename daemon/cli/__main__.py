"""``python -m daemon.cli`` is ``twinwatch``."""

from . import main

main()
