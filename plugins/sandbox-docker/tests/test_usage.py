"""Counters of cgroups, as kernels and engines have written them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_sandbox_docker.container.usage import (
    Cgroup,
    between,
    cgroup_of,
    counters_of_engine,
    counters_v1,
    counters_v2,
    find_cgroup,
)

from massgen_core.sandbox import Usage

ID = "db29d35bc36908d86e892303ac2549f5f8abee8a82b6f93b16aff290720876dd"

V1: Mapping[str, str] = {
    "cpuacct/cpuacct.usage": "24633896\n",
    "memory/memory.max_usage_in_bytes": "3817472\n",
    "blkio/blkio.throttle.io_service_bytes_recursive": (
        "254:0 Read 4096\n254:0 Write 8192\n254:0 Sync 12288\n254:0 Async 0\n254:0 Discard 0\n254:0 Total 12288\n"
        "7:0 Read 1024\n7:0 Write 0\n7:0 Total 1024\nTotal 13312\n"
    ),
    "pids/pids.peak": "3\n",
}
V2: Mapping[str, str] = {
    "cpu.stat": "usage_usec 1250000\nuser_usec 1000000\nsystem_usec 250000\nnr_periods 0\nnr_throttled 0\n",
    "memory.peak": "104857600\n",
    "io.stat": "259:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n7:0 rbytes=1 wbytes=0 rios=1 wios=0\n",
    "pids.peak": "17\n",
}


def test_v1() -> None:
    """Nanoseconds, bytes over all devices, and both marks."""
    found = counters_v1(V1.get)
    assert found == Usage(
        cpu_seconds=0.024633896, memory_peak=3817472, read_bytes=5120, written_bytes=8192, pids_peak=3
    )


def test_v2() -> None:
    """Microseconds, bytes over all devices, and both marks."""
    found = counters_v2(V2.get)
    assert found == Usage(cpu_seconds=1.25, memory_peak=104857600, read_bytes=4097, written_bytes=8192, pids_peak=17)


def test_nothing_moved_yet() -> None:
    """A container that has read and written nothing has moved no bytes, which is not the same as not knowing."""
    assert counters_v1({**V1, "blkio/blkio.throttle.io_service_bytes_recursive": "Total 0\n"}.get).read_bytes == 0
    assert counters_v2({**V2, "io.stat": ""}.get).written_bytes == 0


@pytest.mark.parametrize("counters", [counters_v1, counters_v2])
def test_what_a_kernel_does_not_tell(counters: Any) -> None:
    """A file that is missing is None in the result, never a guess."""
    assert counters({}.get) == Usage()


STATS_V1: Mapping[str, Any] = {  # Engine 20.10, cgroup v1
    "pids_stats": {"current": 76},
    "blkio_stats": {
        "io_service_bytes_recursive": [
            {"major": 254, "minor": 0, "op": "Read", "value": 4096},
            {"major": 254, "minor": 0, "op": "Write", "value": 512},
            {"major": 254, "minor": 0, "op": "Total", "value": 4608},
        ]
    },
    "cpu_stats": {"cpu_usage": {"total_usage": 251793729, "usage_in_kernelmode": 170000000}, "online_cpus": 2},
    "memory_stats": {"usage": 19668992, "max_usage": 20049920, "stats": {"cache": 4485120}, "limit": 25276502016},
}
STATS_V2: Mapping[str, Any] = {  # Engine 27, cgroup v2
    "pids_stats": {"current": 3, "limit": 256},
    "blkio_stats": {
        "io_service_bytes_recursive": [
            {"major": 259, "minor": 0, "op": "read", "value": 4096},
            {"major": 259, "minor": 0, "op": "write", "value": 512},
        ]
    },
    "cpu_stats": {"cpu_usage": {"total_usage": 42000000, "usage_in_usermode": 30000000}, "online_cpus": 8},
    "memory_stats": {"usage": 1933312, "stats": {"anon": 1024}, "limit": 536870912},
}


def test_of_the_engine() -> None:
    """Both forms of the engine's statistics are understood; a highest mark is only in the older."""
    assert counters_of_engine(STATS_V1) == Usage(
        cpu_seconds=0.251793729, memory_peak=20049920, read_bytes=4096, written_bytes=512
    )
    assert counters_of_engine(STATS_V2) == Usage(cpu_seconds=0.042, read_bytes=4096, written_bytes=512)


def test_of_an_engine_that_says_nothing() -> None:
    """An ended container has empty statistics; null lists (cgroup v2 before anything moved) are not known."""
    assert counters_of_engine({}) == Usage()
    assert counters_of_engine({"blkio_stats": {"io_service_bytes_recursive": None}}).read_bytes is None


numbers = st.none() | st.integers(0, 2**60)
usages = st.builds(
    Usage,
    cpu_seconds=st.none() | st.floats(0, 1e9),
    memory_peak=numbers,
    read_bytes=numbers,
    written_bytes=numbers,
    pids_peak=numbers,
)


@given(usages, usages)
def test_between_is_never_negative(before: Usage, after: Usage) -> None:
    """Differences are not negative, and unknown where either side is; marks are those of the second reading."""
    used = between(before, after)
    assert (used.memory_peak, used.pids_peak) == (after.memory_peak, after.pids_peak)
    for name in ("cpu_seconds", "read_bytes", "written_bytes"):
        value = getattr(used, name)
        assert (value is None) == (getattr(before, name) is None or getattr(after, name) is None)
        assert value is None or value >= 0


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([f"4:memory:/docker/{ID}", f"2:cpuacct,cpu:/docker/{ID}", "0::/"], Cgroup(version=1, path=f"/docker/{ID}")),
        ([f"0::/system.slice/docker-{ID}.scope"], Cgroup(version=2, path=f"/system.slice/docker-{ID}.scope")),
        (["", "nonsense"], None),
    ],
    ids=["v1", "v2", "neither"],
)
def test_where_a_cgroup_is(lines: list[str], expected: Cgroup | None) -> None:
    """The path is that of the memory controller, or the one of version 2."""
    assert cgroup_of(lines) == expected


def test_a_cgroup_of_somebody_else(tmp_path: Path) -> None:
    """A process id that means another process here is not taken for the container's."""
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "cgroup").write_text("0::/user.slice/session-1.scope\n")
    assert find_cgroup(7, ID, tmp_path) is None
    assert find_cgroup(8, ID, tmp_path) is None
    (tmp_path / "7" / "cgroup").write_text(f"0::/docker/{ID}\n")
    assert find_cgroup(7, ID, tmp_path) == Cgroup(version=2, path=f"/docker/{ID}")
