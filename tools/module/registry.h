/* SPDX-License-Identifier: BSD-2-Clause */
/* registry - the function libraries, by name, and their functions, by name.
 *
 * Each tenant has one.  A Registry is a value: a change is made to a copy, which takes the place of the
 * old one when everything about it is right.  A run holds a reference to its
 * library, so that nothing that happens meanwhile can take it away.
 */
#ifndef TOOLS_MODULE_REGISTRY_H
#define TOOLS_MODULE_REGISTRY_H

#include "sandbox/ferrous_sandbox.h"
#include "tools/module/api.h"

typedef struct {
  const char *name; /* as it was registered */
  size_t name_size;
  FsbLibrary *library;
  unsigned flags; /* FSB_SCRIPT_ bits */
} RegistryFunction;

typedef struct {
  FsbLibrary **libraries; /* heap; one reference each; in the order of loading */
  size_t library_count;
  RegistryFunction *functions; /* heap; sorted by name in lower case */
  size_t function_count;
} Registry;

/* Room for the longest text of module_registry_add(). */
#define REGISTRY_ERROR_BYTES 1200

/* Puts `next` in the place of a registry, and empties it. */
void module_registry_replace(Registry *registry, Registry *next);

/* Copies; false when memory is out, `ret_copy` is then empty. */
bool module_registry_copy(const Registry *registry, Registry *ret_copy);
void module_registry_free(Registry *registry);

/* Adds a library, of which it becomes an owner; false with Redis's words for why not. */
bool module_registry_add(Registry *registry, FsbLibrary *library, char error[REGISTRY_ERROR_BYTES]);

/* Takes a library out; false: there is none of this name. */
bool module_registry_remove(Registry *registry, FsbBytes name);

FsbLibrary *module_registry_library(const Registry *registry, FsbBytes name);
const RegistryFunction *module_registry_function(const Registry *registry, FsbBytes name);

#endif
