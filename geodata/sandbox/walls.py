"""
The walls of the child, raised by itself before it looks at anything: limits, then namespaces, then no way back.

Linux calls without a wrapper in this Python are made through the C library.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from pathlib import Path
from typing import Final

from geodata.sandbox.allowance import Allowance

NAMESPACES: Final = "namespaces"
LIMITS_ALONE: Final = "limits alone"

_CLONE_NEWNS, _CLONE_NEWUTS, _CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_SYS_MOUNT_SETATTR = 442  # the same number on every architecture
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY = 1
_CAPABILITY_VERSION_3 = 0x20080522


class _MountAttr(ctypes.Structure):
    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


def raise_walls(allowance: Allowance, private: Path) -> str:
    """
    Shut this process in; it must have one thread only.

    Parameters
    ----------
    allowance
        What it may use up from now on.
    private
        The one directory that stays writable.

    Returns
    -------
    state
        `NAMESPACES` or `LIMITS_ALONE`, what the kernel allowed.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    # The child must not outlive who waits for it, however that ends.
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _limit(allowance)
    try:
        _enter_namespaces(libc, private)
    except OSError:
        return LIMITS_ALONE
    finally:
        _drop_capabilities(libc)
    return NAMESPACES


def _limit(allowance: Allowance) -> None:
    wanted = {
        resource.RLIMIT_CPU: allowance.cpu_s,
        resource.RLIMIT_AS: allowance.memory_bytes,
        resource.RLIMIT_NOFILE: allowance.open_files,
        resource.RLIMIT_FSIZE: allowance.file_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in wanted.items():
        if most is not None:
            _, hard = resource.getrlimit(kind)
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))


def _enter_namespaces(libc: ctypes.CDLL, private: Path) -> None:
    uid, gid = os.getuid(), os.getgid()
    _call(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUTS))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    here = str(private).encode()
    _call(libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None))
    _call(libc.mount(here, here, None, _MS_BIND, None))
    _set_mounts(libc, b"/", _MountAttr(attr_set=_MOUNT_ATTR_RDONLY), _AT_RECURSIVE)
    _set_mounts(libc, here, _MountAttr(attr_clr=_MOUNT_ATTR_RDONLY), 0)
    os.chdir(private)


def _set_mounts(libc: ctypes.CDLL, path: bytes, attributes: _MountAttr, flags: int) -> None:
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    _call(libc.syscall(_SYS_MOUNT_SETATTR, _AT_FDCWD, path, flags, ctypes.byref(attributes), size))


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    head = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    libc.capset(ctypes.byref(head), ctypes.byref(none))


def _call(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
