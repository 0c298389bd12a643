/* SPDX-License-Identifier: BSD-2-Clause */
/* acl - what a user's rules say about a command that is renamed away.
 *
 * The server checks a user's rules only for commands that it can still find.
 * Where EVAL was renamed to nothing, so that no append-only file can bring it to
 * the server's own Lua, the rules about EVAL still tell who may run scripts.
 *
 * Pure.
 */
#ifndef TOOLS_MODULE_ACL_H
#define TOOLS_MODULE_ACL_H

#include <stdbool.h>
#include <stddef.h>

/* Says whether `rules`, as ACL LIST shows them, allow a scripting command.  `sub`
 * may be NULL.  `flags` are those of its variant: "write" puts it into a category;
 * NULL: the command is a module's, and in none.
 * Rules in parentheses are selectors, of which one suffices. */
bool module_acl_allows(const char *rules, size_t size, const char *command, const char *sub,
                       const char *flags);

#endif
