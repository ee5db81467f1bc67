"""`python -m flpcheck` is `flpcheck`."""

from flpcheck.cli import main

main()
