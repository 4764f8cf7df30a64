"""The command group `massgen-core docker`: setup, build, doctor, audit. Results go to stdout, progress to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import click

from massgen_sandbox_docker.commands.outcome import Outcome, draw
from massgen_sandbox_docker.terminal import printable

if TYPE_CHECKING:
    from massgen_core.config import Settings
    from massgen_core.sandbox import Progress

_UNAVAILABLE = 9
"""The exit code of `massgen-core` for a sandbox engine that cannot be used."""

_json_flag = click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")


@click.group()
def docker() -> None:
    """The Docker sandbox: set it up, build its images, check what it holds servers to."""


@docker.command(short_help="Find an engine, or install and start one.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--runtime", type=click.Choice(["runsc"]), help="Install gVisor too, and register it with the engine.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before installing.")
@_json_flag
@click.pass_context
def setup(ctx: click.Context, dry_run: bool, runtime: str | None, yes: bool, as_json: bool) -> None:
    """Find a Docker Engine, or install and start one (Debian and Ubuntu, as root).

    Also installs mmdebstrap, with which the base image is built from Debian packages. Without root it prints what to
    run. Exit code 0: an engine answers.
    """
    from massgen_sandbox_docker.commands import work

    ask = _agree if yes else _ask
    outcome = _run(work.setup, _settings(ctx), dry_run, ask, _progress(ctx), runtime is not None)
    _show(ctx, outcome, as_json, _UNAVAILABLE)


@docker.command(short_help="Build the base image and the servers' images.")
@click.argument("packages", nargs=-1, metavar="[PACKAGE]...")
@click.option("--refresh", is_flag=True, help="Build everything anew, with today's Debian packages.")
@click.option("--base-only", is_flag=True, help="Build the base image only.")
@_json_flag
@click.pass_context
def build(ctx: click.Context, packages: tuple[str, ...], refresh: bool, base_only: bool, as_json: bool) -> None:
    """Build the base image, and the images of the config's servers or of each PACKAGE (`uvx:…`, `npx:…`).

    Each image is started once to prove that it works. What is there already is left alone. Exit code 1: a server's
    image could not be built.
    """
    from massgen_sandbox_docker.commands import work

    wanted = None if base_only else packages
    outcome = _run(work.build, _settings(ctx), wanted, refresh, _progress(ctx))
    _show(ctx, outcome, as_json)


@docker.command(short_help="Check the engine and what servers are held to.")
@click.argument("servers", nargs=-1, metavar="[SERVER]...")
@click.option("--engine-only", is_flag=True, help="Start no server.")
@_json_flag
@click.pass_context
def doctor(ctx: click.Context, servers: tuple[str, ...], engine_only: bool, as_json: bool) -> None:
    """Check the engine, and what each of the config's servers (or each SERVER) is really held to.

    Every server is started once, and its container is read back from the engine and from inside. Exit code 1:
    something important is missing, or a server does not start.
    """
    from massgen_sandbox_docker.commands import work

    outcome = _run(work.doctor, _settings(ctx), None if engine_only else servers, _progress(ctx))
    _show(ctx, outcome, as_json)


@docker.command(short_help="Attack a sandbox, and see that it holds.")
@click.option("--server", metavar="NAME", help="Under this server's limits and network; the defaults when left out.")
@click.option("--only", multiple=True, metavar="PATTERN", help="Only attempts with this id or area; `*` is any text.")
@click.option("--runtime", metavar="NAME", help="Under this OCI runtime of the engine, `runsc` say.")
@click.option("--list", "listed", is_flag=True, help="Show the attempts, and make none.")
@click.option("--prove-checks", is_flag=True, help="Run against a profile without protection: 0 if all holes are seen.")
@_json_flag
@click.pass_context
def audit(
    ctx: click.Context,
    server: str | None,
    only: tuple[str, ...],
    runtime: str | None,
    listed: bool,
    prove_checks: bool,
    as_json: bool,
) -> None:
    """Attack sandboxes of ours on this engine: on the kernel, files, processes, limits, the network and the protocol.

    The base image runs under the default limits, or under those of a server (whose own image need not have what the
    attacks need). Exit code 0: every attempt was made, and held. 1: one found a hole. 10: no hole, but some attempt
    could not be made. Nothing is sent anywhere but to this host.
    """
    from massgen_sandbox_docker.commands import audit as work

    if listed:
        _show(ctx, work.listing(only), as_json)
    wish = work.Wish(server=server, only=only, runtime=runtime, prove=prove_checks)
    outcome = _run(work.audit, _settings(ctx), wish, _progress(ctx))
    _show(ctx, outcome, as_json, outcome.data["exit_code"] or 1)


def _run(command: Callable[..., Coroutine[Any, Any, Outcome]], *args: Any) -> Outcome:
    import anyio

    return anyio.run(command, *args)


def _settings(ctx: click.Context) -> Settings:
    """The config file that the root command was given, or the default one."""
    from massgen_core.config import load_settings

    return load_settings(ctx.find_root().params.get("config"))


def _progress(ctx: click.Context) -> Progress:
    if ctx.find_root().params.get("quiet"):
        return lambda line: None
    return lambda line: click.echo(f"  {printable(line)}", err=True)


def _agree(question: str) -> bool:
    return True


def _ask(question: str) -> bool:
    """Ask a person; where nobody can answer, the command itself was the answer."""
    return not sys.stdin.isatty() or click.confirm(question, default=True, err=True)


def _show(ctx: click.Context, outcome: Outcome, as_json: bool, failure: int = 1) -> None:
    if as_json:
        click.echo(json.dumps(outcome.data, indent=2))
    else:
        draw(outcome)
    ctx.exit(0 if outcome.ok else failure)
