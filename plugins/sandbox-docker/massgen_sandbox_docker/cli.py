"""The command group `massgen-core docker`. Results go to stdout, progress to stderr.

Setup, build, doctor and audit are here; what looks after running containers has a module of its own.
"""

from __future__ import annotations

import click

from massgen_sandbox_docker.commands.frame import agree, ask, json_flag, progress_of, run, settings_of, show
from massgen_sandbox_docker.commands.running import COMMANDS as RUNNING

_UNAVAILABLE = 9
"""The exit code of `massgen-core` for a sandbox engine that cannot be used."""


@click.group()
def docker() -> None:
    """The Docker sandbox: set it up, build its images, check what it holds servers to, see what runs."""


@docker.command(short_help="Find an engine, or install and start one.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--runtime", type=click.Choice(["runsc"]), help="Install gVisor too, and register it with the engine.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before installing.")
@json_flag
@click.pass_context
def setup(ctx: click.Context, dry_run: bool, runtime: str | None, yes: bool, as_json: bool) -> None:
    """Find a Docker Engine, or install and start one (Debian and Ubuntu, as root).

    Also installs mmdebstrap, with which the base image is built from Debian packages. Without root it prints what to
    run. Exit code 0: an engine answers.
    """
    from massgen_sandbox_docker.commands import work

    answer = agree if yes else ask
    outcome = run(work.setup, settings_of(ctx), dry_run, answer, progress_of(ctx), runtime is not None)
    show(ctx, outcome, as_json, _UNAVAILABLE)


@docker.command(short_help="Build the base image and the servers' images.")
@click.argument("packages", nargs=-1, metavar="[PACKAGE]...")
@click.option("--refresh", is_flag=True, help="Build everything anew, with today's Debian packages.")
@click.option("--base-only", is_flag=True, help="Build the base image only.")
@json_flag
@click.pass_context
def build(ctx: click.Context, packages: tuple[str, ...], refresh: bool, base_only: bool, as_json: bool) -> None:
    """Build the base image, and the images of the config's servers or of each PACKAGE (`uvx:…`, `npx:…`).

    Each image is started once to prove that it works. What is there already is left alone. Exit code 1: a server's
    image could not be built.
    """
    from massgen_sandbox_docker.commands import work

    wanted = None if base_only else packages
    outcome = run(work.build, settings_of(ctx), wanted, refresh, progress_of(ctx))
    show(ctx, outcome, as_json)


@docker.command(short_help="Check the engine and what servers are held to.")
@click.argument("servers", nargs=-1, metavar="[SERVER]...")
@click.option("--engine-only", is_flag=True, help="Start no server.")
@json_flag
@click.pass_context
def doctor(ctx: click.Context, servers: tuple[str, ...], engine_only: bool, as_json: bool) -> None:
    """Check the engine, and what each of the config's servers (or each SERVER) is really held to.

    Every server is started once, and its container is read back from the engine and from inside. Also how much the
    engine has, and how many more sandboxes fit. Exit code 1: something important is missing, or a server does not
    start.
    """
    from massgen_sandbox_docker.commands import work

    outcome = run(work.doctor, settings_of(ctx), None if engine_only else servers, progress_of(ctx))
    show(ctx, outcome, as_json)


@docker.command(short_help="Attack a sandbox, and see that it holds.")
@click.option("--server", metavar="NAME", help="Under this server's limits and network; the defaults when left out.")
@click.option("--only", multiple=True, metavar="PATTERN", help="Only attempts with this id or area; `*` is any text.")
@click.option("--runtime", metavar="NAME", help="Under this OCI runtime of the engine, `runsc` say.")
@click.option("--list", "listed", is_flag=True, help="Show the attempts, and make none.")
@click.option("--prove-checks", is_flag=True, help="Run against a profile without protection: 0 if all holes are seen.")
@json_flag
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
        show(ctx, work.listing(only), as_json)
    wish = work.Wish(server=server, only=only, runtime=runtime, prove=prove_checks)
    outcome = run(work.audit, settings_of(ctx), wish, progress_of(ctx))
    show(ctx, outcome, as_json, outcome.data["exit_code"] or 1)


for _command in RUNNING:
    docker.add_command(_command)
