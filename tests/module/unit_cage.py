# SPDX-License-Identifier: BSD-2-Clause
"""unit_cage - a process under the restrictions of redis-server.service, without systemd.

What systemd would do for the packaged unit is done by hand: its system call filter (the
sets come from `systemd-analyze syscall-filter`, the rules are made by libseccomp), its rules
about namespaces, address families, executable memory and realtime scheduling, the user, the
empty bounding set, no_new_privs, and the paths that may not be executed from.
Not done: ProtectSystem and its neighbours (which files can be seen and written), PrivateUsers,
PrivateTmp, ProtectProc, RestrictSUIDSGID.
"""
import ctypes
import ctypes.util
import errno
import os
import pwd
import subprocess

UNIT = "/lib/systemd/system/redis-server.service"
DROP_IN = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
                       "packaging", "systemd", "ferrous-sandbox.conf")
ALLOW, KILL = 0x7FFF0000, 0x80000000
NE, EQ, MASKED = 1, 4, 7
NAMESPACES = {"cgroup": 0x02000000, "ipc": 0x08000000, "net": 0x40000000, "mnt": 0x00020000, "pid": 0x20000000,
              "user": 0x10000000, "uts": 0x04000000}
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
MOST_FAMILIES = 46
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, CLONE_NEWNS = 24, 38, 0x00020000
MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 8, 32, 4096, 16384, 1 << 18


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


libc = ctypes.CDLL(None, use_errno=True)
seccomp = ctypes.CDLL(ctypes.util.find_library("seccomp"), use_errno=True)
seccomp.seccomp_init.restype = ctypes.c_void_p
seccomp.seccomp_init.argtypes = [ctypes.c_uint32]
seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
seccomp.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint,
                                           ctypes.POINTER(Comparison)]


def refuse(number):
    return 0x00050000 | number


class Filter:
    """One program of the kernel's; several may be in force, and the strictest wins."""

    def __init__(self, default):
        self.context = seccomp.seccomp_init(default)

    def rule(self, action, name, *comparisons):
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return                                       # not of this architecture
        array = (Comparison * max(len(comparisons), 1))(*comparisons)
        if seccomp.seccomp_rule_add_array(self.context, action, number, len(comparisons), array) != 0:
            raise RuntimeError("libseccomp refuses a rule about " + name)

    def load(self):
        if seccomp.seccomp_load(self.context) != 0:
            raise RuntimeError("the kernel refuses the filter")


# --- The unit ---

def read_unit(*paths):
    """{directive: [values]} of the [Service] sections, in order."""
    found = {}
    for path in paths:
        section = ""
        with open(path, encoding="utf-8") as text:
            for line in text:
                line = line.strip()
                if line.startswith("["):
                    section = line
                elif section == "[Service]" and "=" in line and line[0] not in "#;":
                    name, value = line.split("=", 1)
                    found.setdefault(name, []).append(value)
    return found


def syscalls_of(group):
    text = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", group], capture_output=True, text=True,
                          check=True).stdout
    found = set()
    for line in text.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            found |= syscalls_of(word)
        elif word and not word.startswith("#"):
            found.add(word)
    return found


def allowed_syscalls(unit):
    allowed = set()
    for value in unit["SystemCallFilter"]:
        words = value.lstrip("~").split()
        named = set().union(*(syscalls_of(w) if w.startswith("@") else {w} for w in words))
        allowed = allowed - named if value.startswith("~") else allowed | named
    # systemd needs these to start the program, and adds them.
    return allowed | syscalls_of("@default") | {"execve", "exit", "exit_group", "rt_sigreturn", "sigreturn"}


def forbidden_namespaces(unit):
    kept = 0
    for value in unit.get("RestrictNamespaces", ["no"]):
        for word in value.split():
            kept |= NAMESPACES.get(word, 0)
            if word in ("no", "false"):
                kept = sum(NAMESPACES.values())
    return sum(NAMESPACES.values()) & ~kept


# --- The filters ---

def forbid_namespaces(rules, flags):
    for bit in NAMESPACES.values():
        if flags & bit:
            for name in ("unshare", "clone"):
                rules.rule(refuse(errno.EPERM), name, Comparison(0, MASKED, bit, bit))
            rules.rule(refuse(errno.EPERM), "setns", Comparison(1, MASKED, bit, bit))
    if flags:
        rules.rule(refuse(errno.ENOSYS), "clone3")


def restrictions(unit):
    rules = Filter(ALLOW)
    forbid_namespaces(rules, forbidden_namespaces(unit))
    families = {FAMILIES[word] for value in unit.get("RestrictAddressFamilies", []) for word in value.split()}
    for family in range(MOST_FAMILIES if families else 0):
        if family not in families:
            rules.rule(refuse(errno.EAFNOSUPPORT), "socket", Comparison(0, EQ, family, 0))
    if unit.get("MemoryDenyWriteExecute") == ["true"]:
        rules.rule(refuse(errno.EPERM), "mmap", Comparison(2, MASKED, 6, 6))
        rules.rule(refuse(errno.EPERM), "mprotect", Comparison(2, MASKED, 4, 4))
        rules.rule(refuse(errno.EPERM), "pkey_mprotect", Comparison(2, MASKED, 4, 4))
    if unit.get("LockPersonality") == ["true"]:
        rules.rule(refuse(errno.EPERM), "personality", Comparison(0, NE, 0, 0))
    if unit.get("RestrictRealtime") == ["true"]:
        for policy in (1, 2, 6):
            rules.rule(refuse(errno.EPERM), "sched_setscheduler", Comparison(1, EQ, policy, 0))
    return rules


def calls(unit):
    rules = Filter(KILL)
    for name in sorted(allowed_syscalls(unit)):
        rules.rule(ALLOW, name)
    return rules


# --- The process ---

def must(status, what):
    if status != 0:
        raise OSError(ctypes.get_errno(), what)


def mount(source, target, flags, kind=None, options=None):
    must(libc.mount(source.encode(), target.encode(), kind, flags, options), "mount " + target)


class Cage:
    """The restrictions of the unit files, to be put on by a child between fork and exec."""

    def __init__(self, *paths):
        self.unit = read_unit(*paths)
        self.filters = [restrictions(self.unit), calls(self.unit)]
        self.user = pwd.getpwnam(self.unit["User"][-1])
        self.exec_paths = [word for value in self.unit["ExecPaths"] for word in value.split()]

    def close_paths(self, folder, place):
        """NoExecPaths=/ and ExecPaths=; `folder` is shown at `place`, as if installed there."""
        must(libc.unshare(CLONE_NEWNS), "a mount namespace")
        mount("none", "/", MS_REC | MS_PRIVATE)
        for path in sorted({os.path.realpath(p) for p in self.exec_paths}):
            mount(path, path, MS_BIND | MS_REC)
        mount(folder, place, MS_BIND)
        mount("none", "/", MS_BIND | MS_REMOUNT | MS_NOEXEC)

    def put_on(self):
        for capability in range(64):
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        os.setgroups([])
        os.setgid(self.user.pw_gid)
        os.setuid(self.user.pw_uid)
        must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
        for rules in self.filters:
            rules.load()
