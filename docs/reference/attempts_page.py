"""attempts.md: the attempts of `massgen-core docker audit`, and the catalogues that they refer to, from their data."""

from __future__ import annotations

from massgen_sandbox_docker.audit.model import Attempt
from massgen_sandbox_docker.audit.refs import MEANINGS
from massgen_sandbox_docker.audit.suite import ATTEMPTS
from prose import page

_INTRODUCTION = """\
What [`massgen-core docker audit`](cli.md#massgen-core-docker-audit) tries, and what must come of it. How to run it and
read what it prints: [audit your engine](../how-to/audit-your-engine.md).
"""

_CATALOGUES = """\
CIS is the CIS Docker Benchmark v1.6.0, by the numbers of docker-bench-security. OWASP Docker Rule is the
[Docker Security Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html), OWASP
MCP § the MCP Security Cheat Sheet. ATT&CK is [MITRE's Enterprise matrix](https://attack.mitre.org/matrices/enterprise/).
"""


def attempts_page() -> str:
    """The whole page."""
    sections = [_section(area) for area in dict.fromkeys(each.area for each in ATTEMPTS)]
    return page("Attempts of the audit", _INTRODUCTION, *sections, _references())


def _section(area: str) -> str:
    rows = [_row(each) for each in ATTEMPTS if each.area == area]
    table = "\n".join(["| attempt | what is tried | expected | see |", "|---|---|---|---|", *rows])
    return f"## {area.capitalize()}\n\n{table}"


def _row(attempt: Attempt) -> str:
    return f"| `{attempt.id}` | {attempt.title} | {attempt.expected} | {', '.join(attempt.refs)} |"


def _references() -> str:
    rows = [f"| {ref} | {words} |" for ref, words in MEANINGS.items()]
    return "\n".join(["## References", "", _CATALOGUES, "| id | what it is called there |", "|---|---|", *rows])
