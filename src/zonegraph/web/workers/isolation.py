"""What the kernel enforces on a worker: no network, a memory limit, death with its parent."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
from typing import Final

_CLONE_NEWNET: Final = 0x40000000
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
#: (audit architecture, number of socket(2)) by machine.
_SOCKET_CALL: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_ALLOW: Final = 0x7FFF0000
_DENY_EACCES: Final = 0x00050000 | 13
_X32_BIT: Final = 0x40000000


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent ends (Linux)."""
    _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def without_network() -> str:
    """Cut this process and its children off every network; returns how: namespace, filter or empty for not at all.

    An empty network namespace has no interface to send through. Where that is not permitted, a system call filter
    makes socket(2) fail.
    """
    if _new_namespace():
        return "namespace"
    return "filter" if _no_sockets() else ""


def _new_namespace() -> bool:
    return bool(_libc().unshare(_CLONE_NEWNET) == 0)


def _instruction(code: int, yes: int, no: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _filter_program(architecture: int, number: int) -> bytes:
    load, equal, at_least, end = 0x20, 0x15, 0x35, 0x06
    return b"".join(
        (
            _instruction(load, 0, 0, 4),  # architecture
            _instruction(equal, 1, 0, architecture),
            _instruction(end, 0, 0, _DENY_EACCES),
            _instruction(load, 0, 0, 0),  # number of the call
            _instruction(at_least, 1, 0, _X32_BIT),
            _instruction(equal, 0, 1, number),
            _instruction(end, 0, 0, _DENY_EACCES),
            _instruction(end, 0, 0, _ALLOW),
        )
    )


class _Program(ctypes.Structure):
    _fields_ = [
        ("length", ctypes.c_ushort),
        ("filter", ctypes.c_void_p),
    ]


def _no_sockets() -> bool:
    """Install the filter; false where the machine or the kernel has none."""
    call = _SOCKET_CALL.get(platform.machine())
    if call is None:
        return False
    code = ctypes.create_string_buffer(_filter_program(*call))
    program = _Program(8, ctypes.cast(code, ctypes.c_void_p))
    libc = _libc()
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def data_size() -> int:
    """Bytes of private writable memory in use now, as the kernel counts them against RLIMIT_DATA."""
    with open("/proc/self/statm", "rb") as handle:
        return int(handle.read().split()[5]) * resource.getpagesize()


def limit_memory(extra: int) -> None:
    """Allow this many bytes more than are in use; the kernel refuses every further page.

    RLIMIT_DATA and not RLIMIT_AS: the latter counts reserved and file-backed addresses too, which an embedded
    database with its threads takes by the hundreds of megabytes without using them.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (data_size() + extra, hard))


def unlimit_memory() -> None:
    """Take the limit back, to open another version."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def no_core_dumps() -> None:
    """An aborted query must not fill the disk with a core file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_open_files() -> None:
    """Raise the number of open files to what the system lets this process have, within reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def alarm(seconds: float) -> None:
    """Let the kernel kill this process after so many seconds, whatever it is doing; 0 takes it back."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def reset_signals() -> None:
    """Take over nothing from the process that forked this one."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    os.setsid()
