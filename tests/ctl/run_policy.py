#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_policy.py - `ferrous-sandboxctl policy` as a person uses it, and the shipped files.

  run_policy.py [--write]     --write brings packaging/policies/policy.schema.json up to date
"""
import copy
import json
import os
import subprocess
import sys
import tempfile

import jsonschema
import yaml

ROOT = os.environ.get("FERROUS_SOURCE_DIR", os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..")))
TOOL = os.path.join(os.environ.get("FERROUS_BIN_DIR", "build/release/bin"), "ferrous-sandboxctl")
POLICIES = os.path.join(ROOT, "packaging", "policies")
HOSTED = os.path.join(POLICIES, "hosted.yaml")
SCHEMA = os.path.join(POLICIES, "policy.schema.json")
BAD = os.path.join(ROOT, "tests", "tenants", "bad")
# Bad for reasons that a schema cannot say: what names must exist, what may not overlap, bytes and
# syntax, which PyYAML judges or does not, and numbers with a suffix that are out of range.
BEYOND_SCHEMA = {"users.yaml", "bytes.yaml", "syntax.yaml", "second.yaml", "complex_key.yaml", "deep.yaml", "anchors.yaml"}

ACME = "version: 1\nplans:\n  gold: {limits: {hold: 50ms}}\ntenants:\n  acme: {plan: gold, users: [alice, 'acme-*']}\n"


def tool(*words):
    done = subprocess.run([TOOL, "policy", *words], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def same(got, want, what):
    if got != want:
        sys.exit(f"{what}:\n  got    {got!r}\n  wanted {want!r}")


def holds(condition, what):
    if not condition:
        sys.exit(f"does not hold: {what}")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def check_check(folder):
    status, out, err = tool("check", HOSTED)
    same((status, err), (0, ""), "the shipped policy")
    holds("valid; 1 tenants" in out, out)
    path = write(folder, "bad.yaml", "version: 1\ntenants:\n  a: {wieght: 3}\n  b: {users: [\"\\e[2J b\"]}\n")
    status, out, err = tool("check", path)
    same((status, out), (78, ""), "a bad policy")
    same(err.splitlines()[0], f"{path}:3:7: unknown key 'wieght'; did you mean 'weight'?", "its first problem")
    holds("\x1b" not in err, "no escape sequence reaches a terminal")
    status, out, err = tool("check", "--json", path)
    report = json.loads(out)
    same((status, err, report["valid"], report["errors"]), (78, "", False, 2), "as JSON")
    same(report["problems"][0], {"line": 3, "column": 7, "severity": "error",
                                 "message": "unknown key 'wieght'; did you mean 'weight'?"}, "its first problem")
    same(report["schema"], "ferrous.sandbox/v1", "the schema's name")
    path = write(folder, "warning.yaml", "version: 1\ndefaults: {denied_commands: [flushal]}\n")
    status, out, err = tool("check", path)
    holds(status == 0 and "2:30: warning: " in err and "flushall" in err, "a warning does not refuse")
    path = write(folder, "waiting.yaml", "version: 1\ndefaults:\n  queue_length: 4\n  queue_deadline: 10ms\n  weight: 3\n")
    status, out, err = tool("check", path)
    told = [line.removeprefix(path).split(" means")[0] for line in err.splitlines()]
    same((status, told), (0, [":3:3: warning: queue_length", ":4:3: warning: queue_deadline", ":5:3: warning: weight"]), "what has no effect")
    status, out, err = tool("check", os.path.join(folder, "nowhere.yaml"))
    holds(status == 78 and "cannot be read: No such file or directory" in err, "a file that is not there")


def check_usage():
    for words in (["check"], ["check", HOSTED, HOSTED], ["show"], ["diff", HOSTED], ["schema", HOSTED], ["chekc", HOSTED], []):
        status, out, err = tool(*words)
        same((status, out), (2, ""), f"policy {' '.join(words)}")
        holds(err.startswith("ferrous-sandboxctl: "), err)
    status, out, _ = tool("--help")
    holds(status == 0 and "policy check" in out and "--effective" in out, "help")


def check_show(folder):
    path = write(folder, "acme.yaml", ACME)
    status, out, err = tool("show", path)
    same((status, err), (0, ""), "show")
    holds("TENANT" in out and "acme" in out and "50ms" in out and "rejected" in out, out)
    status, out, _ = tool("show", path, "--tenant", "acme")
    same((status, out.splitlines()[:3]), (0, ["acme, plan gold", "  users                    alice acme-*",
                                              "  limits.hold              50ms"]), "what differs")
    status, out, _ = tool("show", "--effective", "--tenant=acme", path)
    holds(status == 0 and "limits.hold              50ms  *" in out and "  weight                   100\n" in out, out)
    status, out, err = tool("show", "--tenant", "amce", path)
    same((status, out), (6, ""), "a tenant that is not there")
    holds("did you mean 'acme'?" in err, err)
    status, out, _ = tool("show", "--of-user", "acme-7", path)
    same((status, out.splitlines()[0]), (0, "acme, plan gold"), "whose tenant a user is")
    status, out, err = tool("show", "--of-user", "bob", path)
    holds(status == 6 and out == "" and "belongs to no tenant" in err, "a user that is rejected")
    status, out, _ = tool("show", "--json", path)
    tenant = json.loads(out)["tenants"][0]
    same((status, tenant["name"], tenant["plan"], tenant["users"]), (0, "acme", "gold", ["alice", "acme-*"]), "as JSON")
    same((tenant["rules"]["limits"]["hold"], tenant["rules"]["rates"]["cost"], tenant["rules"]["daily"]["cost"],
          tenant["rules"]["undeclared_keys"], tenant["rules"]["isolation"]), (50000000, None, None, True, "reuse"), "rules")


def check_diff(folder):
    before = write(folder, "before.yaml", ACME)
    after = write(folder, "after.yaml", ACME.replace("50ms", "80ms").replace("alice, ", "") + "  new: {users: [alice]}\n")
    status, out, err = tool("diff", before, after)
    same((status, err), (0, ""), "diff")
    same(out.splitlines(), ["~ tenant acme", "    limits.hold              50ms -> 80ms", "    (workers are replaced)   ",
                            "+ tenant new", "~ user alice: acme -> new"], "what changes")
    same(tool("diff", before, before), (0, "Nothing changes for anybody.\n", ""), "no change")
    status, out, _ = tool("diff", "--json", before, after)
    same(json.loads(out)["changes"][0], {"change": "rule", "tenant": "acme", "key": "limits.hold", "before": "50ms",
                                         "after": "80ms"}, "as JSON")
    bad = write(folder, "bad.yaml", "version: 3\n")
    same(tool("diff", before, bad)[0], 78, "a bad file")


def check_schema():
    status, printed, err = tool("schema")
    same((status, err), (0, ""), "schema")
    with open(SCHEMA) as file:
        holds(file.read() == printed, f"{SCHEMA} is up to date (tests/ctl/run_policy.py --write)")
    schema = json.loads(printed)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    with open(HOSTED) as file:
        hosted = yaml.safe_load(file)
    validator.validate(hosted)
    check_samples(validator, hosted)
    refused = 0
    for name in sorted(os.listdir(BAD)):
        if name in BEYOND_SCHEMA:
            continue
        with open(os.path.join(BAD, name)) as file:
            holds(not validator.is_valid(yaml.safe_load(file)), f"the schema refuses {name}")
        refused += 1
    return refused


def check_samples(validator, hosted):
    """Each example of the table is valid for schema and loader alike; each wrong value for neither."""
    samples = [("limits", {"hold": "50ms", "memory": 1048576}), ("rates", {"cost": "10m/s burst 50m"}),
               ("daily", {"cost": "unlimited"}), ("mode", "off"), ("scripts", "loaded"), ("isolation", "script"),
               ("require", ["landlock"]), ("log_rate", "16k/s"), ("suspended", False), ("shared_with", ["*"]),
               ("queue_deadline", "200ms"), ("only_commands", ["config|get"]), ("key_prefixes", ["$tenant:"])]
    wrong = [("limits", {"hold": "50m"}), ("limits", {"hodl": "50ms"}), ("limits", {"memory": 1}), ("rates", {"cost": "10m"}),
             ("daily", {"cost": 0}), ("mode", "on"), ("scripts", "none"), ("require", ["landlok"]), ("log_rate", "16k"),
             ("suspended", "maybe"), ("weight", 0), ("notify_percent", 101), ("only_commands", ["a b"]), ("key_prefixes", [""]),
             ("listed_scripts", ["12"]), ("colour", "red"), ("shared_with", "acme")]
    with tempfile.TemporaryDirectory() as folder:
        for cases, is_good in ((samples, True), (wrong, False)):
            for key, value in cases:
                policy = copy.deepcopy(hosted)
                policy["tenants"]["acme"] = {"plan": "standard", key: value}
                same(validator.is_valid(policy), is_good, f"the schema about {key}: {value}")
                path = write(folder, "sample.yaml", yaml.safe_dump(policy).replace(": false\n", ": 'false'\n"))
                same(tool("check", path)[0], 0 if is_good else 78, f"the tool about {key}: {value}")


def main():
    if "--write" in sys.argv[1:]:
        with open(SCHEMA, "w") as file:
            file.write(tool("schema")[1])
        return
    with tempfile.TemporaryDirectory() as folder:
        check_check(folder)
        check_show(folder)
        check_diff(folder)
    check_usage()
    print(f"policy: ok; the schema takes the shipped policy and refuses {check_schema()} bad files")


if __name__ == "__main__":
    main()
