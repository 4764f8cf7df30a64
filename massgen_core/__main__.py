"""``python -m massgen_core``: the command line."""

from massgen_core.cli import main

if __name__ == "__main__":
    main()
