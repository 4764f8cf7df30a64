"""`massgen-core init`: a commented config file to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

_DEFAULT = Path("massgen.toml")


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=_DEFAULT)
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def init(path: Path, force: bool) -> None:
    """Write a commented config file to PATH, massgen.toml by default."""
    target = path / _DEFAULT if path.is_dir() else path
    text = files("massgen_core.cli").joinpath("starter.toml").read_text(encoding="utf-8")
    try:
        with target.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise click.UsageError(f"{target} is there already; --force overwrites it") from None
    click.echo(f"Wrote {target}. Uncomment what you need, then see `massgen-core plugins --check`.")
