#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_examples - the commands of examples/expected.txt print what stands there, in three ways.

  run_examples.py [--write]

Each line "$ script.lua key ... , argument ..." is run by `redis-cli --eval` on a stock
redis-server, by the same on one with the module, and by `ferrous-sandboxctl run` against
a server of its own.  A new script begins with an empty database.  --write takes the
stock server's output as expected: read it before you keep it.
"""
import os
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "module"))
from server import BUILD, Server  # noqa: E402

EXAMPLES = os.path.join(ROOT, "examples")
EXPECTED = os.path.join(EXAMPLES, "expected.txt")
TOOL = os.path.join(BUILD, "bin", "ferrous-sandboxctl")
# Examples that print nothing to compare: what is limited is tested with the tool.
WITHOUT = {"forever.lua"}


def read_expected():
    """[(command, expected lines as text)], and the comment lines before the first command."""
    head, blocks = [], []
    with open(EXPECTED, encoding="utf-8") as text:
        for line in text:
            if line.startswith("$ "):
                blocks.append([line[2:].rstrip("\n"), ""])
            elif blocks:
                blocks[-1][1] += line
            else:
                head.append(line)
    return head, blocks


def run(words):
    done = subprocess.run(words, cwd=EXAMPLES, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60, check=False)
    return done.stdout.decode("utf-8", "backslashreplace")


def by_client(server, words):
    return run(["redis-cli", "-s", server.path, "--eval"] + words)


def by_tool(server, words):
    return run([TOOL, "run", "--redis", "unix://" + server.path] + words)


def tidy(output):
    """redis-cli ends an error with an empty line; blocks here never do."""
    return output.rstrip("\n") + "\n" if output.strip("\n") else "\n"


def play(server, way, blocks):
    script, outputs = None, []
    for command, _ in blocks:
        words = shlex.split(command)
        if words[0] != script:
            server.command("FLUSHALL")
            script = words[0]
        outputs.append(tidy(way(server, words)))
    return outputs


def write(head, blocks, outputs):
    with open(EXPECTED, "w", encoding="utf-8") as text:
        text.writelines(head)
        for (command, _), output in zip(blocks, outputs):
            text.write("$ %s\n%s" % (command, output))
    return 0


def compare(name, blocks, outputs):
    bad = 0
    for (command, expected), output in zip(blocks, outputs):
        if output != expected:
            bad += 1
            print("FAIL %s: %s\n--- expected\n%s--- printed\n%s---" % (name, command, expected, output))
    print("%s: %d commands, %d wrong" % (name, len(blocks), bad))
    return bad


def missing(blocks):
    """Examples of which expected.txt says nothing."""
    heard = {shlex.split(command)[0] for command, _ in blocks}
    return [name for name in sorted(os.listdir(EXAMPLES))
            if name.endswith(".lua") and name not in heard and name not in WITHOUT]


def main():
    head, blocks = read_expected()
    with Server(module=False) as stock, Server() as sealed, Server(module=False) as beside:
        outputs = play(stock, by_client, blocks)
        if "--write" in sys.argv[1:]:
            return write(head, blocks, outputs)
        bad = compare("stock redis-server", blocks, outputs)
        bad += compare("module", blocks, play(sealed, by_client, blocks))
        bad += compare("ferrous-sandboxctl", blocks, play(beside, by_tool, blocks))
        if sealed.info()["sandbox_runs"] == "0":
            bad += 1
            print("FAIL the module ran nothing")
    for name in missing(blocks):
        bad += 1
        print("FAIL nothing is expected of examples/%s" % name)
    return 1 if bad or not blocks else 0


if __name__ == "__main__":
    sys.exit(main())
