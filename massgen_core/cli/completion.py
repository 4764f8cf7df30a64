"""`massgen-core completion`: the script that makes a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_PROGRAM = "massgen-core"
_VARIABLE = "_MASSGEN_CORE_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a SHELL.

    \b
    bash   eval "$(massgen-core completion bash)"                                   in ~/.bashrc
    zsh    eval "$(massgen-core completion zsh)"                                    in ~/.zshrc
    fish   massgen-core completion fish > ~/.config/fish/completions/massgen-core.fish
    """
    script = get_completion_class(shell)
    if script is None:
        raise click.UsageError(f"click cannot complete for {shell}")
    click.echo(script(ctx.find_root().command, {}, _PROGRAM, _VARIABLE).source())
