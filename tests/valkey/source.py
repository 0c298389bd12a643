# SPDX-License-Identifier: BSD-2-Clause
"""source - Valkey, built from Debian's source package below build/, once.

Debian 12 has none that takes scripting engines, so a list of apt's of our own names the
suite that has; the system's lists are left alone.
"""
import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FOLDER = os.path.join(ROOT, "build", "valkey-source")
SUITE = os.environ.get("FERROUS_VALKEY_SUITE", "sid")
OPTIONS = ["MALLOC=libc", "BUILD_TLS=no"]


def apt(*words):
    folder = os.path.join(FOLDER, "apt")
    os.makedirs(os.path.join(folder, "lists", "partial"), exist_ok=True)
    with open(os.path.join(folder, "sources.list"), "w") as out:
        out.write("deb-src http://deb.debian.org/debian %s main\n" % SUITE)
    subprocess.run(["apt-get", "-qq", "-o", "Dir::Etc::sourcelist=" + os.path.join(folder, "sources.list"),
                    "-o", "Dir::Etc::sourceparts=-", "-o", "Dir::State::lists=" + os.path.join(folder, "lists"),
                    "-o", "APT::Sandbox::User="] + list(words), cwd=FOLDER, check=True)


def find():
    return sorted(path for path in glob.glob(os.path.join(FOLDER, "valkey-[0-9]*")) if os.path.isdir(path))


def built():
    """The folder of Valkey's sources, with its programs built."""
    if not find():
        apt("update")
        apt("source", "valkey")
    if not find():
        sys.exit("valkey: apt-get source valkey left no folder")
    folder = find()[-1]
    log = os.path.join(FOLDER, "build.log")
    with open(log, "w") as out:
        for where in ([], ["-C", "tests/modules"]):
            made = subprocess.run(["make", "-j2"] + OPTIONS + where, cwd=folder, stdout=out, stderr=subprocess.STDOUT,
                                  stdin=subprocess.DEVNULL, check=False)
            if made.returncode != 0:
                sys.exit("valkey: does not build, see " + log)
    return folder


def program(folder, name):
    return os.path.join(folder, "src", "valkey-" + name)


if __name__ == "__main__":
    print(built())
