# SPDX-License-Identifier: BSD-2-Clause
"""tenant_server - a server with a policy, and users with all rights whose password is their name."""
import os

from server import Server

USERS = ("ann", "al", "globert", "glora", "eve")


class TenantServer(Server):
    """A server with a policy, and users with all rights whose password is their name."""

    def __init__(self, policy, *options, **named):
        super().__init__(*options, **named)
        self.policy = os.path.join(self.folder, "policy.yaml")
        self.write(policy)
        self.words += ["--sandbox.policy", self.policy]

    def write(self, policy):
        with open(self.policy, "w") as text:
            text.write(policy)

    def start(self):
        super().start()
        for name in USERS:
            self.command("ACL", "SETUSER", name, "on", ">" + name, "~*", "&*", "+@all")
        return self

    def user(self, name):
        client = self.client()
        client.command("AUTH", name, name)
        return client

    def reload(self, policy):
        self.write(policy)
        return self.command("SANDBOX", "RELOAD")
