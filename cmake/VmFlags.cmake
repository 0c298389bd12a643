# VmFlags.cmake - how the machine is compiled.
#
# No contraction of floating-point operations: results are the same on every
# CPU (DESIGN: deterministic).  Never fast-math.  No strict aliasing: the arena
# is read as words of several types.
target_compile_options(ferrous_vm PRIVATE -ffp-contract=off -fno-math-errno -fno-strict-aliasing)

# A number is tested for being whole by converting it there and back.  Out of
# range, that is to give what the CPU's instruction gives (which the comparison
# then refuses), not undefined behaviour; gcc does so without being told.
include(CheckCCompilerFlag)
check_c_compiler_flag(-fno-strict-float-cast-overflow FERROUS_HAS_RELAXED_CASTS)
if(FERROUS_HAS_RELAXED_CASTS)
  target_compile_options(ferrous_vm PRIVATE -fno-strict-float-cast-overflow)
endif()
if(FERROUS_SANITIZE MATCHES "undefined")
  # By source: it has to come after -fsanitize.
  set_property(SOURCE ${VM_SOURCES} APPEND PROPERTY COMPILE_OPTIONS
    $<$<BOOL:${FERROUS_HAS_RELAXED_CASTS}>:-fno-sanitize=float-cast-overflow>)
endif()
if(NOT FERROUS_INSTRUMENTED)
  target_compile_options(ferrous_vm PRIVATE -falign-functions=64 -fomit-frame-pointer)
endif()

# The interpreter's handlers, and what they are compiled with beyond the rest.
# They own no arrays, so a canary would only cost them a load and a compare.
file(GLOB VM_HANDLER_SOURCES CONFIGURE_DEPENDS vm/run/exec*.c)
set(VM_HANDLER_OPTIONS -Wno-unused-parameter)  # every handler has the same parameters
if(NOT FERROUS_INSTRUMENTED)
  # Where every handler begins a cache line, the low bits of all jump targets are equal, and
  # predictors that mix them into their history tell fewer paths apart.
  list(APPEND VM_HANDLER_OPTIONS -fno-stack-protector -falign-functions=16)
endif()
set_property(SOURCE ${VM_HANDLER_SOURCES} APPEND PROPERTY COMPILE_OPTIONS ${VM_HANDLER_OPTIONS})
