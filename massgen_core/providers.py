"""Opening what plugins declared, and keeping the registry true to what is open."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from anyio import CapacityLimiter
from anyio.abc import TaskGroup

from massgen_core.calls.registry import Owner, Registry, Unusable
from massgen_core.config import Settings
from massgen_core.errors import PluginError, Stage
from massgen_core.loading.composition import Composition
from massgen_core.loading.discovery import PluginInfo
from massgen_core.loading.hooks import Declared
from massgen_core.loading.order import circle, wanted, waves
from massgen_core.loading.supervisor import Held
from massgen_core.tools import Service, ServiceProvider, ServiceT, Tool, ToolProvider


@dataclass(slots=True, kw_only=True, eq=False)
class _Member:
    """One declared provider or service on its way to being open."""

    declared: Declared
    provider: ToolProvider | ServiceProvider
    owner: Owner
    held: Held | None = None
    failed: bool = False
    admitted: bool = False
    published: Sequence[Tool] | None = None

    @property
    def name(self) -> str:
        return self.provider.name

    @property
    def usable(self) -> bool:
        """Whether it is open and has not ended by itself."""
        return self.held is not None and self.held.opened and not self.failed

    @property
    def tools(self) -> Sequence[Tool]:
        """What it published last, or what it opened with."""
        opened_with: Sequence[Tool] = self.held.value if self.held else ()
        return opened_with if self.published is None else self.published


@dataclass(slots=True, kw_only=True)
class _Context:
    """What an opening provider sees of the runtime; implements `massgen_core.ProviderContext`."""

    name: str
    state_dir: Path
    services_open: dict[Service, Any] = field(repr=False)
    requires: Sequence[Service]
    uses: Sequence[type]
    on_publish: Callable[[Sequence[Tool]], None] = field(repr=False)
    report: Callable[[str], None] = field(repr=False)

    def service(self, kind: type[ServiceT], name: str | None = None) -> ServiceT:
        """A service listed in ``requires``."""
        need = Service(kind, name)
        if need not in self.requires:
            raise LookupError(f"{need} is not listed in the provider's `requires`")
        return self.services_open[need]

    def services(self, kind: type[ServiceT]) -> Mapping[str, ServiceT]:
        """The open services of a kind listed in ``uses``, by name; what it shows changes with what is open."""
        if kind not in self.uses:
            raise LookupError(f"{kind.__name__} is not listed in the provider's `uses`")
        return OpenServices(self.services_open, kind)

    async def publish(self, tools: Sequence[Tool]) -> None:
        """Replace this provider's tools."""
        self.on_publish(tools)

    def log(self, message: str) -> None:
        """Pass one line of progress on."""
        self.report(f"{self.name}: {message}")


class OpenServices(Mapping[str, ServiceT]):
    """The services of one kind that are open now, by name."""

    def __init__(self, every: Mapping[Service, Any], kind: type[ServiceT]) -> None:
        self._every = every
        self._kind = kind

    def __getitem__(self, name: str) -> ServiceT:
        return self._every[Service(self._kind, name)]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(each.name for each in self._every if each.kind is self._kind and each.name))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Providers:
    """The open providers of one runtime, and what failed."""

    def __init__(
        self,
        settings: Settings,
        composition: Composition,
        registry: Registry,
        tasks: TaskGroup,
        report: Callable[[str], None],
    ) -> None:
        self.failures: list[PluginError] = list(composition.failures)
        self._settings = settings
        self._registry = registry
        self._tasks = tasks
        self._report = report
        self._services: dict[Service, Any] = {}
        self._open: list[_Member] = []
        offers = {service: self._member(*offer) for service, offer in composition.services.items()}
        providers = [self._member(declared, p) for declared in composition.declared for p in declared.providers]
        self._members = sorted(providers, key=lambda member: (member.owner.plugin, member.name))
        self._offers = offers

    def state_of(self, info: PluginInfo) -> PluginInfo:
        """A plugin's state now, with what happened since it was loaded."""
        late = [error for error in self.failures if error.plugin == info.name and error.stage in ("start", "run")]
        return info.failed(late[-1].stage, str(late[-1])) if late and info.state == "enabled" else info

    def service(self, kind: type[ServiceT], name: str | None = None) -> ServiceT:
        """An open service."""
        need = Service(kind, name)
        if need not in self._services:
            raise LookupError(f"no {need} is open; open are: {', '.join(map(str, self._services)) or 'none'}")
        return self._services[need]

    async def open(self) -> None:
        """Open the services that somebody requires, in order, then every provider, all at once.

        Raises:
            PluginError: One that must start did not.
        """
        await self._open_services()
        ready = [member for member in self._members if self._has_needs(member)]
        errors = await self._open_all(ready)
        for member in ready:  # in sorted order, so that the loser of a name conflict is always the same
            if error := errors.get(member):
                self._fail(member, error)
            else:
                self._admit(member)
        self._raise_required()

    async def close(self) -> None:
        """Withdraw all tools, close the providers all at once, then services in reverse; each bounded in time."""
        for member in self._open:
            member.admitted = False
            self._registry.withdraw(member.owner)
        async with anyio.create_task_group() as group:
            for member in self._open:
                if isinstance(member.provider, ToolProvider):
                    group.start_soon(self._close, member)
        for member in reversed(self._open):
            await self._close(member)
        self._open.clear()

    async def _close(self, member: _Member) -> None:
        if member.held is not None and (error := await member.held.stop()) and not member.failed:
            self._record(member, "run", error)

    async def _open_services(self) -> None:
        for wave in self._waves():
            ready = [member for member in wave if self._has_needs(member)]
            errors = await self._open_all(ready)
            for member in ready:
                if error := errors.get(member):
                    self._fail(member, error)
                elif member.held is not None and member.usable and isinstance(member.provider, ServiceProvider):
                    self._services[member.provider.service] = member.held.value

    def _waves(self) -> Iterator[list[_Member]]:
        """The required services, those that others need first; a circle of needs is left out, failed."""
        required = [service for member in self._members for service in self._wanted_by(member)]
        needs = wanted(required, {service: offer.provider.requires for service, offer in self._offers.items()})
        while found := circle(needs):
            path = LookupError(f"needs itself: {' → '.join(map(str, found))}")
            for service in set(found):
                self._fail(self._offers[service], path)
                del needs[service]
        for wave in waves(needs):
            yield [self._offers[service] for service in wave]

    def _wanted_by(self, member: _Member) -> Iterator[Service]:
        """What a provider requires, and all that there is of what it uses."""
        yield from member.provider.requires
        used = set(member.provider.uses)
        seen: set[type] = set()
        while used - seen:  # what is used may use more
            seen |= (new := used - seen)
            for service, offer in self._offers.items():
                if service.kind in new:
                    yield service
                    used |= set(offer.provider.uses)

    def _has_needs(self, member: _Member) -> bool:
        for service in member.provider.requires:
            if service in self._services:
                continue
            offer = self._offers.get(service)
            self._fail(member, _missing(service, self.failures) if offer is None else _broken(offer, self.failures))
            return False
        return True

    async def _open_all(self, members: Sequence[_Member]) -> dict[_Member, BaseException]:
        errors: dict[_Member, BaseException] = {}

        async def open_one(member: _Member) -> None:
            open_context = partial(_entered, member.provider, self._context(member))
            member.held = Held(open_context, grace=self._settings.stop_timeout)
            self._tasks.start_soon(member.held.run, partial(self._died, member))
            if error := await member.held.wait_open(self._start_timeout(member)):
                self._open.remove(member)
                errors[member] = error

        async with anyio.create_task_group() as group:
            for member in members:
                self._open.append(member)
                group.start_soon(open_one, member)
        return errors

    def _start_timeout(self, member: _Member) -> float:
        own = member.provider.start_timeout
        return member.declared.options.start_timeout or own or self._settings.start_timeout

    def _admit(self, member: _Member) -> None:
        if member.held is None or not member.usable:  # it ended while others were still opening
            return
        try:
            self._registry.put(member.owner, member.tools)
        except Unusable as error:
            self._open.remove(member)
            self._fail(member, error)
            self._tasks.start_soon(member.held.stop)
        else:
            member.admitted = True

    def _publish(self, member: _Member, tools: Sequence[Tool]) -> None:
        """Replace a provider's tools: at once, or when all have opened; after its end nobody sees them."""
        if member.admitted:
            self._registry.put(member.owner, tools)
        else:
            member.published = tools

    def _fail(self, member: _Member, error: BaseException) -> None:
        member.failed = True
        self._record(member, "start", error)

    async def _died(self, member: _Member, error: BaseException) -> None:
        """A provider ended by itself: withdraw what it brought, report it, leave its neighbours alone."""
        if member.failed:
            return
        member.failed, member.admitted = True, False
        self._registry.withdraw(member.owner)
        if isinstance(member.provider, ServiceProvider):
            self._services.pop(member.provider.service, None)
        self._record(member, "run", error)

    def _record(self, member: _Member, stage: Stage, cause: BaseException) -> None:
        place = _place(self._settings, member)
        error = PluginError(member.owner.plugin, stage, cause, provider=member.name, **place)
        self.failures.append(error)
        if stage != "start" or not self._told_elsewhere(member):
            self._report(str(error))

    def _told_elsewhere(self, member: _Member) -> bool:
        """Whether a failure to start is told anyway: raised, or as the reason why others did not start."""
        return isinstance(member.provider, ServiceProvider) or self._must(member)

    def _raise_required(self) -> None:
        required = {(member.owner.plugin, member.name) for member in self._members if self._must(member)}
        wrong = [error for error in self.failures if (error.plugin, error.provider) in required]
        if not wrong:
            return
        for other in wrong[1:]:
            wrong[0].add_note(f"also: {other}")
        raise wrong[0]

    def _must(self, member: _Member) -> bool:
        if self._settings.strict:
            return True
        if isinstance(member.provider, ToolProvider) and member.provider.required is not None:
            return member.provider.required
        return member.declared.named and member.declared.options.required

    def _context(self, member: _Member) -> _Context:
        return _Context(
            name=member.name,
            state_dir=self._settings.folder,
            services_open=self._services,
            requires=member.provider.requires,
            uses=member.provider.uses,
            on_publish=partial(self._publish, member),
            report=self._report,
        )

    def _member(self, declared: Declared, provider: ToolProvider | ServiceProvider) -> _Member:
        """What the config says goes before what the provider says of itself."""
        options, own = declared.options, provider if isinstance(provider, ToolProvider) else None
        concurrency = options.concurrency or (own and own.concurrency) or self._settings.concurrency
        prefixes = (options.prefix, own and own.prefix, provider.name.replace("-", "_"))
        owner = Owner(
            plugin=declared.info.name,
            provider=provider.name,
            prefix=next(prefix for prefix in prefixes if prefix is not None),
            distribution=declared.info.distribution,
            version=declared.info.version,
            timeout=(own and own.call_timeout) or self._settings.call_timeout,
            set_timeout=options.call_timeout,
            calls=CapacityLimiter(concurrency),
            threads=CapacityLimiter(concurrency),
        )
        return _Member(declared=declared, provider=provider, owner=owner)


@asynccontextmanager
async def _entered(provider: ToolProvider | ServiceProvider, context: _Context) -> AsyncGenerator[Any]:
    """The provider's context; opening it happens in here, so that a function that raises at once is held too."""
    async with provider.open(context) as value:
        yield value


def _place(settings: Settings, member: _Member) -> Mapping[str, str]:
    """The section of the config file that asked for a member, as `PluginError` takes it; empty where none did."""
    plugin = member.owner.plugin
    if settings.source is None or not member.declared.named:
        return {}
    key = f"servers.{member.name}" if plugin == "mcp" else f"plugins.{plugin}"
    return {"key": key, "file": str(settings.source)}


def _missing(service: Service, failures: Sequence[PluginError]) -> LookupError:
    cure = f"install one, `pip install massgen-sandbox-{service.name}` perhaps" if service.name else "install one"
    failed = "".join(f"; {error}" for error in failures if error.stage in ("load", "configure", "declare"))
    return LookupError(f"needs {service}, which no enabled plugin brings: {cure}{failed}")


def _broken(offer: _Member, failures: Sequence[PluginError]) -> BaseException:
    causes = [error for error in failures if error.provider == offer.name and error.plugin == offer.owner.plugin]
    return causes[-1] if causes else LookupError(f"needs {offer.name}, which did not open")
