/* SPDX-License-Identifier: BSD-2-Clause */
/* registry - sorted arrays, as libraries change seldom and are called often. */
#include "tools/module/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void module_registry_replace(Registry *registry, Registry *next) {
  Registry old = *registry;
  *registry = *next;
  *next = (Registry){.libraries = NULL};
  module_registry_free(&old);
}

void module_registry_free(Registry *registry) {
  for (size_t i = 0; i < registry->library_count; i++) fsb_library_unref(registry->libraries[i]);
  free(registry->libraries);
  free(registry->functions);
  *registry = (Registry){.libraries = NULL};
}

/* --- Finding --- */

/* Names of libraries are told apart by case; those of functions are not. */
FsbLibrary *module_registry_library(const Registry *registry, FsbBytes name) {
  for (size_t i = 0; i < registry->library_count; i++) {
    const char *known = fsb_library_name(registry->libraries[i]);
    if (strlen(known) == name.size && memcmp(known, name.data, name.size) == 0)
      return registry->libraries[i];
  }
  return NULL;
}

static int compare_names(const char *a, size_t a_size, const char *b, size_t b_size) {
  int order = strncasecmp(a, b, a_size < b_size ? a_size : b_size);
  if (order != 0) return order;
  return a_size < b_size ? -1 : a_size > b_size;
}

const RegistryFunction *module_registry_function(const Registry *registry, FsbBytes name) {
  size_t low = 0, high = registry->function_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const RegistryFunction *function = &registry->functions[middle];
    int order = compare_names(name.data, name.size, function->name, function->name_size);
    if (order == 0) return function;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

/* --- Changing --- */

static int compare_functions(const void *a, const void *b) {
  const RegistryFunction *x = a, *y = b;
  return compare_names(x->name, x->name_size, y->name, y->name_size);
}

static size_t count_functions(const FsbLibrary *library) {
  FsbFunction function;
  size_t count = 0;
  while (fsb_library_function(library, count, &function)) count++;
  return count;
}

static bool has_collision(const Registry *registry, const FsbLibrary *library, char error[REGISTRY_ERROR_BYTES]) {
  FsbFunction function;
  for (size_t i = 0; fsb_library_function(library, i, &function); i++) {
    if (module_registry_function(registry, function.name) == NULL) continue;
    (void)snprintf(error, REGISTRY_ERROR_BYTES, "ERR Function %.*s already exists", (int)function.name.size,
                   function.name.data);
    return true;
  }
  return false;
}

static bool make_room(Registry *registry, size_t functions) {
  FsbLibrary **libraries =
      realloc(registry->libraries, (registry->library_count + 1) * sizeof *libraries);
  if (libraries == NULL) return false;
  registry->libraries = libraries;
  RegistryFunction *larger =
      realloc(registry->functions, (registry->function_count + functions + 1) * sizeof *larger);
  if (larger == NULL) return false;
  registry->functions = larger;
  return true;
}

static void append(Registry *registry, FsbLibrary *library) {
  FsbFunction function;
  registry->libraries[registry->library_count++] = fsb_library_ref(library);
  for (size_t i = 0; fsb_library_function(library, i, &function); i++)
    registry->functions[registry->function_count++] = (RegistryFunction){
        function.name.data, function.name.size, library, function.flags};
  qsort(registry->functions, registry->function_count, sizeof *registry->functions,
        compare_functions);
}

bool module_registry_add(Registry *registry, FsbLibrary *library, char error[REGISTRY_ERROR_BYTES]) {
  if (has_collision(registry, library, error)) return false;
  if (!make_room(registry, count_functions(library))) {
    (void)snprintf(error, REGISTRY_ERROR_BYTES, "ERR out of memory");
    return false;
  }
  append(registry, library);
  return true;
}

bool module_registry_remove(Registry *registry, FsbBytes name) {
  FsbLibrary *library = module_registry_library(registry, name);
  size_t kept = 0;
  if (library == NULL) return false;
  for (size_t i = 0; i < registry->library_count; i++)
    if (registry->libraries[i] != library) registry->libraries[kept++] = registry->libraries[i];
  registry->library_count = kept;
  kept = 0;
  for (size_t i = 0; i < registry->function_count; i++)
    if (registry->functions[i].library != library)
      registry->functions[kept++] = registry->functions[i];
  registry->function_count = kept;
  fsb_library_unref(library);
  return true;
}

bool module_registry_copy(const Registry *registry, Registry *ret_copy) {
  *ret_copy = (Registry){.libraries = NULL};
  for (size_t i = 0; i < registry->library_count; i++) {
    if (!make_room(ret_copy, count_functions(registry->libraries[i]))) {
      module_registry_free(ret_copy);
      return false;
    }
    append(ret_copy, registry->libraries[i]);
  }
  return true;
}
