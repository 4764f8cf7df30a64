"""`massgen-core init`: a commented config file to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from massgen_core.cli.templates import check_names, complete_names, summary, templates

_DEFAULT = Path("massgen.toml")
_STDOUT = Path("-")


@click.command()
@click.argument("path", type=click.Path(path_type=Path, allow_dash=True), default=_DEFAULT)
@click.option(
    *("--template", "-t", "names"),
    metavar="NAME",
    multiple=True,
    callback=check_names,
    shell_complete=complete_names,
    help="A common server; can be given more than once.",
)
@click.option("--list", "listing", is_flag=True, help="List the templates.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def init(path: Path, names: tuple[str, ...], listing: bool, force: bool) -> None:
    """Write a commented config file to PATH, massgen.toml by default, `-` for stdout.

    With templates it holds the servers that they describe, each hardened and explained.
    """
    if listing:
        known = templates()
        for name, text in known.items():
            click.echo(f"{name:<{max(map(len, known))}}  {summary(text)}")
        return
    text = _text(names)
    if path == _STDOUT:
        click.echo(text, nl=False)
        return
    target = path / _DEFAULT if path.is_dir() else path
    _write(target, text, force)
    step = "Put your own folders and hosts in" if names else "Uncomment what you need"
    click.echo(f"Wrote {target}. {step}, then see `massgen-core plugins --check`.")


def _text(names: tuple[str, ...]) -> str:
    """The templates one below the other, or the general file."""
    if not names:
        return files("massgen_core.cli").joinpath("starter.toml").read_text(encoding="utf-8")
    known = templates()
    return "\n".join(known[name] for name in dict.fromkeys(names))


def _write(target: Path, text: str, force: bool) -> None:
    try:
        with target.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise click.UsageError(
            f"{target} is there already; --force overwrites it, `init - >> {target}` adds to it"
        ) from None
