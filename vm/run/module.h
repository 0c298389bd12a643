/* SPDX-License-Identifier: BSD-2-Clause */
/* module - bringing compiled code into a run: copy, intern, register. */
#ifndef VM_RUN_MODULE_H
#define VM_RUN_MODULE_H

#include "vm/run/state.h"

/* Compiles a text into a module record.  Returns the record's index, or -1 with the
 * message in *ret_error (an arena string; nil when memory ran out). */
int64_t vm_module_compile(VM *vm, const CodeText *text, Value *ret_error) MAY_RAISE(memory);

/* The same for the run's own script, by way of the code cache. */
int64_t vm_module_compile_script(VM *vm, CodeText *text, Value *ret_error) MAY_RAISE(memory);

/* The script that came with the text's key and name before; sets its size.  -1: it is not kept, or
 * whether it could be compiled again within the limit is for the compiler to say. */
int64_t vm_module_recall_script(VM *vm, CodeText *text) MAY_RAISE(memory);

/* A closure of a module that `load` made: the module lives as long as its closures. */
Value vm_module_closure(VM *vm, uint32_t record, Value environment) MAY_RAISE(memory);

/* Frees the records of modules whose objects are unmarked (vm/run/gc.c). */
void vm_module_sweep(VM *vm);

#endif
