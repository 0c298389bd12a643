#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run_engine - the module as Valkey's engine in a living server: FERROUS_SERVER names the Valkey."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "module"))

from server import ReplyError, Server, free_port, wait_for  # noqa: E402
from suite import main, test  # noqa: E402

LIBRARY = "#!lua name=lib\nserver.register_function('f', function(keys, args) return {1, args[1]} end)"


def busy(server, *words):
    server.command("CONFIG", "SET", "busy-reply-threshold", "20")
    runner = server.client()
    runner.send(*words)
    with server.client() as other:
        wait_for(lambda: other.raw("PING").startswith(b"-BUSY"), "BUSY")
    return runner


@test
def the_engine_is_ours_and_there_are_no_commands_of_ours_for_scripts():
    with Server() as server:
        engines = server.command("INFO", "scriptingengines").decode()
        assert "engines_count:1\r" in engines and "name=LUA,module=sandbox" in engines, engines
        assert server.command("COMMAND", "INFO", "sandbox.run") == [None]
        assert server.command("EVAL", "return server.call('incr', KEYS[1])", "1", "n") == 1
        assert server.info()["sandbox_runs"] == "1"
        assert len(server.workers()) >= 2


@test
def a_worker_killed_in_mid_run_is_an_error_and_the_next_script_works():
    with Server() as server:
        runner = busy(server, "EVAL", "while true do end", "0")
        for pid in server.workers()[1:]:
            os.kill(pid, signal.SIGKILL)
        assert runner.reply().startswith(b"-SANDBOX worker_crashed")
        assert server.command("EVAL", "return 4", "0") == 4


@test
def scripts_and_functions_are_killed_each_by_its_own_command():
    with Server() as server:
        server.command("FUNCTION", "LOAD", "#!lua name=l\nserver.register_function('spin', function() while true do end end)")
        for words, kill, other_kill in ((["EVAL", "while true do pcall(server.call, 'ping') end", "0"], "SCRIPT", "FUNCTION"),
                                        (["FCALL", "spin", "0"], "FUNCTION", "SCRIPT")):
            runner = busy(server, *words)
            with server.client() as other:
                assert other.error(other_kill, "KILL").startswith("BUSY")
                assert other.command(kill, "KILL") == b"OK"
            reply = runner.reply()
            assert reply.startswith(b"-ERR Script killed by user with %s KILL." % kill.encode()), reply
        assert server.command("EVAL", "return 1", "0") == 1


@test
def a_full_flush_while_a_function_runs_takes_nothing_from_it():
    with Server(port=free_port()) as master, Server(port=free_port()) as replica:
        replica.command("FUNCTION", "LOAD", "#!lua name=l\nserver.register_function{function_name='slow', flags={'no-writes'},"
                        " callback=function() local n = 0 for i = 1, 5e7 do n = n + i end return 'done' end}")
        replica.command("CONFIG", "SET", "busy-reply-threshold", "10")
        with replica.client() as runner:
            replica.command("REPLICAOF", "127.0.0.1", master.port)
            runner.send("FCALL", "slow", "0")
            assert b"done" in runner.reply()
        replica.wait_link()
        assert replica.command("FUNCTION", "LIST") == []
        assert replica.command("EVAL", "return 2", "0") == 2


@test
def data_files_know_nothing_of_the_module():
    with Server("--save", "3600 1") as server:
        server.command("FUNCTION", "LOAD", LIBRARY)
        server.command("SET", "a", "1")
        server.command("SAVE")
        server.restart()
        assert server.command("FCALL", "f", "0", "x") == [1, b"x"]
        server.stop()
        with Server("--save", "", module=False, folder=server.folder) as stock:
            assert stock.command("FCALL", "f", "0", "x") == [1, b"x"]


@test
def each_user_has_a_worker_of_its_own():
    with Server() as server:
        for name in ("ann", "bob"):
            server.command("ACL", "SETUSER", name, "on", "nopass", "+@all", "~*")
            with server.client() as client:
                client.command("AUTH", name, "x")
                assert client.command("EVAL", "return 1", "0") == 1
        assert int(server.info()["sandbox_runs"]) == 2
        assert len(server.workers()) >= 3
        server.command("ACL", "SETUSER", "bob", "-set")
        with server.client() as bob:
            bob.command("AUTH", "bob", "x")
            try:
                bob.command("EVAL", "return server.call('set', 'a', 1)", "0")
                raise AssertionError("no error")
            except ReplyError as error:
                assert str(error).startswith("ERR ACL failure in script: User bob has no permissions to run the 'set' command"), error


@test
def unloaded_the_engine_is_gone_with_its_scripts():
    with Server("--enable-module-command", "yes") as server, server.client() as client:
        client.command("FUNCTION", "LOAD", LIBRARY)
        workers = server.workers()
        assert client.command("MODULE", "UNLOAD", "sandbox") == b"OK"
        assert client.error("EVAL", "return 1", "0").startswith("ERR Could not find scripting engine")
        assert client.command("FUNCTION", "LIST") == []
        wait_for(lambda: not any(os.path.exists("/proc/%d" % pid) for pid in workers), "the end of the workers")


if __name__ == "__main__":
    sys.exit(main(__doc__))
