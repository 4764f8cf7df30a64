"""Attempts to use up what is limited; each has a sandbox of its own, and the engine is looked at afterwards."""

from __future__ import annotations

from typing import Any, cast

from massgen_sandbox_docker.audit.judges import nothing_found, refused
from massgen_sandbox_docker.audit.model import Attempt, Facts, Judge, Judgement, attempt, held, hole
from massgen_sandbox_docker.audit.scenes import alone

_SLACK = 1.25
"""How much more than its share of the processor a reading may show: it also counts the start of the probe."""


def _attempt(name: str, title: str, expected: str, refs: str, judge: Judge) -> Attempt:
    return attempt("resources", name, title, expected, refs, alone("resources"), judge)


def judge_processes(facts: Facts) -> Judgement:
    """Within the limit from inside; a kernel of the sandbox's own may have more, the host may not."""
    limit, pids = int(facts["pids_limit"]), facts["host_pids"]
    if facts.get("ended"):
        text = f"the sandbox itself ended ({facts['ended']}); {pids} seen on the host, limit {limit}"
        return (held if int(pids) <= limit else hole)(text)
    started = int(facts["started"])
    text = f"{started} started, {facts['answer']}; {pids} seen on the host, limit {limit}"
    if facts["own_kernel"]:
        return (held if int(pids) <= limit else hole)(text)
    return (held if started <= limit and facts["answer"] == "EAGAIN" else hole)(text)


def judge_memory(facts: Facts) -> Judgement:
    """Killed within the limit, whether it was the process alone or the sandbox with it.

    Of a gVisor that the kernel killed for its memory, the engine does not always tell why.
    """
    if facts.get("ended"):
        killed = facts.get("out_of_memory") or facts.get("killed") == 9
        return (held if killed else hole)(f"the sandbox: {facts['ended']}")
    text = f"{facts['reached']} MiB taken, limit {facts['limit']} MiB, ended by signal {facts['killed']}"
    return (held if facts["killed"] == 9 and facts["reached"] <= facts["limit"] else hole)(text)


def judge_places(facts: Facts) -> Judgement:
    """Every folder takes no more than its size; or the memory's limit came first."""
    if facts.get("ended"):
        return judge_memory(facts)
    if facts.get("killed") == 9 and facts["memory_peak"] >= facts["memory_limit"] * 0.9:
        return held("ended by the memory's limit before that of the folder")
    places = cast("dict[str, dict[str, Any]]", facts["places"])
    text = "; ".join(f"{path} took {place['reached']} MiB of {place['limit']}" for path, place in places.items())
    full = [path for path, place in places.items() if place["reached"] > place["limit"]]
    return hole(text) if full else held(text or "no folder in memory")


def judge_files(facts: Facts) -> Judgement:
    """No more files than allowed; a kernel of the sandbox's own keeps them in the sandbox's own memory."""
    text = f"{facts['reached']} files, {facts['answer']}, limit {facts['limit']}"
    if facts["reached"] <= facts["limit"]:
        return held(text)
    if facts["own_kernel"] and facts["memory_peak"] <= facts["memory_limit"]:
        mib = facts["memory_peak"] // (1024 * 1024)
        return held(f"{text}; kept by the sandbox's own kernel, within its memory ({mib} MiB)")
    return hole(text)


def judge_open_files(facts: Facts) -> Judgement:
    """No more descriptors than allowed, and the limit stays where it is."""
    text = f"{facts['reached']} open, limit {facts['limit']}; raising it: {facts['raised']}"
    return (held if facts["reached"] <= facts["limit"] and facts["raised"] != "ok" else hole)(text)


def judge_processor(facts: Facts) -> Judgement:
    """The kernel's own account of the time used, and that there is a limit at all."""
    used, wall, cpus = float(facts["cpu_seconds"]), float(facts["wall"]), float(facts["cpus"])
    share = used / wall
    text = f"{share:.2f} cores used, limit {cpus:g}, {facts['quota']} allowed by the kernel"
    limited = facts["quota"] == f"{cpus:g}"
    return (held if limited and share <= cpus * _SLACK else hole)(text)


def judge_zombies(facts: Facts) -> Judgement:
    """All of them are gone."""
    left = facts["left"]
    return (held if left == 0 else hole)(f"{left} of {facts['made']} orphans were not buried")


ATTEMPTS = (
    _attempt(
        "fork-bomb",
        "fork without end, in sessions of their own",
        "It ends at the limit of processes; other sandboxes work on.",
        "CIS 5.29, OWASP Docker Rule 7, ATT&CK T1499.001",
        judge_processes,
    ),
    _attempt(
        "thread-bomb",
        "start threads without end",
        "It ends at the limit of processes.",
        "CIS 5.29, OWASP Docker Rule 7, ATT&CK T1499.001",
        judge_processes,
    ),
    _attempt(
        "memory-bomb",
        "take 256 MiB more memory than allowed",
        "It is killed before.",
        "CIS 5.11, OWASP Docker Rule 7, ATT&CK T1499.001",
        judge_memory,
    ),
    _attempt(
        "memfd-bomb",
        "take it as files that belong to no file system (memfd)",
        "It is killed before.",
        "CIS 5.11, OWASP Docker Rule 7, ATT&CK T1499.001",
        judge_memory,
    ),
    _attempt(
        "tmpfs-fill",
        "write 64 MiB more than their size into the folders in memory",
        "They are full at their size.",
        "CIS 5.11, OWASP Docker Rule 7, ATT&CK T1499.001",
        judge_places,
    ),
    _attempt(
        "tmpfs-files",
        "make more empty files there than allowed",
        "It ends at the limit; or they are kept within the sandbox's own memory.",
        "CIS 5.11, OWASP Docker Rule 7, ATT&CK T1499.001",
        judge_files,
    ),
    _attempt(
        "shm-fill",
        "write 64 MiB more than its size into /dev/shm",
        "It is full at its size.",
        "CIS 5.11, OWASP Docker Rule 7, ATT&CK T1499.001",
        judge_places,
    ),
    _attempt(
        "lock-memory",
        "lock 64 MiB of memory, which the host could then not take back",
        "Refused.",
        "CIS 5.19, ATT&CK T1499.001",
        refused("ENOMEM", "EAGAIN", own_kernel="memory of the sandbox's own kernel, not locked on the host"),
    ),
    _attempt(
        "disk-fill",
        "write 64 MiB to the engine's disk",
        "No folder of the image takes files.",
        "CIS 5.13, OWASP Docker Rule 8, ATT&CK T1499.001",
        nothing_found("no folder of the image takes files"),
    ),
    _attempt(
        "open-files",
        "open more files than allowed, and raise the limit",
        "It ends at the limit, which stays where it is.",
        "CIS 5.19, OWASP Docker Rule 7, ATT&CK T1499.001",
        judge_open_files,
    ),
    _attempt(
        "cpu-spin",
        "count in 64 processes at once",
        "They get the processor time that is allowed, and no more.",
        "CIS 5.12, OWASP Docker Rule 7, ATT&CK T1496",
        judge_processor,
    ),
    _attempt(
        "zombies",
        "leave dead orphans behind, which fill the table of processes",
        "They are buried at once.",
        "CIS 5.29, ATT&CK T1499.001",
        judge_zombies,
    ),
)
