"""Who may call what: decided on what a tool declares it does, never on its name's spelling alone."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from massgen_core.config import AgentSettings
from massgen_core.tools import Access, Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What one session may see (``tools``, ``deny``: names or patterns) and do (``allow``; None is everything)."""

    tools: tuple[str, ...] | None = None
    deny: tuple[str, ...] = ()
    allow: frozenset[Access] | None = None

    @classmethod
    def of(cls, settings: AgentSettings | None) -> Policy:
        """The policy that an agent's settings stand for."""
        return cls(tools=settings.tools, deny=settings.deny, allow=settings.allow) if settings else cls()

    def narrowed(self, allow: frozenset[Access] | None) -> Policy:
        """This policy, allowing no more than ``allow`` as well."""
        if allow is None:
            return self
        return Policy(tools=self.tools, deny=self.deny, allow=allow if self.allow is None else self.allow & allow)

    def sees(self, name: str) -> bool:
        """Whether a tool of that exposed name is visible."""
        wanted = self.tools is None or any(fnmatchcase(name, pattern) for pattern in self.tools)
        return wanted and not any(fnmatchcase(name, pattern) for pattern in self.deny)

    def refusal(self, tool: Tool) -> str | None:
        """Why a call is not allowed; None when it is."""
        if self.allow is None or tool.access <= self.allow:
            return None
        excess = ", ".join(sorted(tool.access - self.allow))
        allowed = ", ".join(sorted(self.allow)) or "nothing"
        return f"the tool may {excess}; this session allows {allowed}"
