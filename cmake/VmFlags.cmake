# VmFlags.cmake - how the machine is compiled.
#
# No contraction of floating-point operations: results are the same on every
# CPU (DESIGN: deterministic).  Never fast-math.  No strict aliasing: the arena
# is read as words of several types.
target_compile_options(ferrous_vm PRIVATE -ffp-contract=off -fno-math-errno -fno-strict-aliasing)
if(NOT FERROUS_INSTRUMENTED)
  target_compile_options(ferrous_vm PRIVATE -falign-functions=64 -fomit-frame-pointer)
endif()

# The interpreter's handlers, and what they are compiled with beyond the rest.
# They own no arrays, so a canary would only cost them a load and a compare.
file(GLOB VM_HANDLER_SOURCES CONFIGURE_DEPENDS vm/run/exec*.c)
set(VM_HANDLER_OPTIONS -Wno-unused-parameter)  # every handler has the same parameters
if(NOT FERROUS_INSTRUMENTED)
  list(APPEND VM_HANDLER_OPTIONS -fno-stack-protector)
endif()
set_source_files_properties(${VM_HANDLER_SOURCES} PROPERTIES COMPILE_OPTIONS "${VM_HANDLER_OPTIONS}")
