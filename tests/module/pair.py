# SPDX-License-Identifier: BSD-2-Clause
"""pair - the server's own Lua and the module, side by side."""
from server import Server


class Pair:
    """The two servers; started at first use, as one pair serves all tests."""
    both = None

    @classmethod
    def get(cls):
        if cls.both is None:
            cls.both = [Server(module=False).start(), Server().start()]
        return cls.both

    @classmethod
    def stop(cls):
        for server in cls.both or []:
            server.__exit__()
