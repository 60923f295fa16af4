"""`python -m worldctx`: the command line."""

from worldctx.cli import main

main()
