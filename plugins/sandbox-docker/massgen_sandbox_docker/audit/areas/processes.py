"""Attempts on other processes, and on the rights of the own one."""

from __future__ import annotations

from massgen_sandbox_docker.audit.judges import MISSING, fact, nothing_found, refused
from massgen_sandbox_docker.audit.model import Attempt, Facts, Judge, Judgement, attempt, held, hole
from massgen_sandbox_docker.audit.scenes import probing

_SCENE = probing("processes")
_BESIDE = probing("processes", shared=True)


def _attempt(name: str, title: str, expected: str, refs: str, judge: Judge, *, beside: bool = False) -> Attempt:
    return attempt("processes", name, title, expected, refs, _BESIDE if beside else _SCENE, judge)


def _core(facts: Facts) -> Judgement:
    if facts["dumped"] or facts["raised"] == "ok":
        return hole(f"dumped: {'yes' if facts['dumped'] else 'no'}; raising the limit: {facts['raised']}")
    return held("no core, and its limit stays 0")


ATTEMPTS = (
    _attempt(
        "capabilities",
        "look for a capability in any of the five sets",
        "All of them are empty.",
        "CIS 5.4, OWASP Docker Rule 3, ATT&CK T1068",
        nothing_found("all sets are empty"),
    ),
    _attempt(
        "root-user",
        "look for user or group 0 among the own ids",
        "None of them is 0.",
        "CIS 4.1, OWASP Docker Rule 2",
        nothing_found("none of them is 0"),
    ),
    _attempt(
        "no-new-privileges",
        "ask the kernel whether an executed program may gain privileges",
        "It may not.",
        "CIS 5.26, OWASP Docker Rule 4, ATT&CK T1548.001",
        fact("set", lambda value: value == 1, lambda value: f"no_new_privs is {value}"),
    ),
    _attempt(
        "core-dump",
        "crash, and leave a core file, which the host's core pattern may hand to a program of the host",
        "No core is written, and the limit cannot be raised.",
        "CIS 5.19, ATT&CK T1611",
        _core,
    ),
    _attempt(
        "host-name",
        "learn the host's name from the own",
        "The sandbox has a name of its own.",
        "CIS 5.21, ATT&CK T1082",
        nothing_found("a name of its own"),
    ),
    _attempt(
        "kernel-quotas",
        "use up what the kernel counts per user of the host (inotify, pending signals) in the name of its root",
        "It is counted against a user other than 0.",
        "CIS 4.1, ATT&CK T1499.001",
        fact("user", lambda value: value != 0, lambda value: f"counted against user {value} of the host"),
    ),
    _attempt(
        "environment",
        "read a secret in the environment of process 1 and the own",
        "The audit's secret is in neither.",
        "OWASP Docker Rule 12, ATT&CK T1003.007",
        nothing_found("no secret is there"),
    ),
    _attempt(
        "priority",
        "get ahead of the host's processes: priority, real-time scheduling, no death when memory runs out",
        "Refused.",
        "CIS 5.12, ATT&CK T1499.001",
        refused(*MISSING, own_kernel="which is among the processes of the sandbox's own kernel"),
    ),
    _attempt(
        "other-processes",
        "find another sandbox's process in /proc",
        "Only the own processes are there.",
        "CIS 5.16, OWASP MCP §7, ATT&CK T1057",
        nothing_found("only the own ones"),
        beside=True,
    ),
    _attempt(
        "signal-others",
        "signal another sandbox's process",
        "There is none to be signalled.",
        "CIS 5.16, OWASP MCP §7, ATT&CK T1499",
        refused("ESRCH"),
        beside=True,
    ),
    _attempt(
        "shared-memory",
        "attach another sandbox's System V shared memory by its key",
        "It is not there.",
        "CIS 5.17, OWASP MCP §7, ATT&CK T1005",
        refused("ENOENT", "EINVAL"),
        beside=True,
    ),
)
