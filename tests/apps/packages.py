# SPDX-License-Identifier: BSD-2-Clause
"""packages - the npm packages of package-lock.json, installed once under build/apps.

The lock file pins every package by its digest; nothing of them is kept in the tree.
Without a package registry there is nothing to test: that is an error, never a skip.
"""
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FOLDER = os.path.join(ROOT, "build", "apps")
FILES = ("package.json", "package-lock.json", ".npmrc")
INSTALL_SECONDS = 400


def version_of(program):
    try:
        return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit("apps: %s is needed and does not run (%s): tools/dev/install_packages.sh test" % (program, error))


def wanted_state():
    digest = hashlib.sha256(version_of("node").encode())
    for name in FILES:
        with open(os.path.join(HERE, name), "rb") as text:
            digest.update(text.read())
    return digest.hexdigest()


def present_state():
    try:
        with open(os.path.join(FOLDER, "installed")) as text:
            return text.read()
    except OSError:
        return ""


def fetch():
    for name in FILES:
        shutil.copy(os.path.join(HERE, name), FOLDER)
    try:
        done = subprocess.run(["npm", "ci", "--fetch-retries=1"], cwd=FOLDER, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=INSTALL_SECONDS, check=False)
        failure = None if done.returncode == 0 else done.stdout
    except subprocess.TimeoutExpired:
        failure = "no end after %d s" % INSTALL_SECONDS
    if failure is not None:
        sys.exit("%s\napps: the applications could not be installed: this test needs an npm registry (or a filled npm "
                 "cache); it cannot pass without" % failure[-3000:])


def install():
    """Returns the folder of the packages, after installing them where they are missing or others."""
    version_of("npm")
    os.makedirs(FOLDER, exist_ok=True)
    with open(os.path.join(FOLDER, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = wanted_state()
        if present_state() != state:
            fetch()
            with open(os.path.join(FOLDER, "installed"), "w") as out:
                out.write(state)
    return os.path.join(FOLDER, "node_modules")


def describe(names):
    """'bullmq 6.7.0, ioredis 6.0.0': what is installed."""
    with open(os.path.join(HERE, "package.json")) as text:
        pinned = json.load(text)["dependencies"]
    for name in names:
        with open(os.path.join(FOLDER, "node_modules", name, "package.json")) as text:
            version = json.load(text)["version"]
        if version != pinned[name].rsplit("@", 1)[-1]:
            sys.exit("apps: %s %s is installed, %s is pinned" % (name, version, pinned[name]))
    return ", ".join("%s %s" % (name, pinned[name]) for name in names)
