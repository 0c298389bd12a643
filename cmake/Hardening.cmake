# Hardening.cmake - how code is generated and linked, by kind of build.
#
# Release builds are hardened: PIE, full RELRO, immediate binding, stack
# protector, FORTIFY, CET notes, no executable stack.  Instrumented builds
# (sanitizers, fuzzing, coverage) leave these to the tool they are built for.
add_library(ferrous_codegen INTERFACE)
target_compile_options(ferrous_codegen INTERFACE -fno-common)
target_link_options(ferrous_codegen INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

if(NOT FERROUS_INSTRUMENTED)
  # The same sources give the same bytes, wherever they are built.
  target_compile_options(ferrous_codegen INTERFACE "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
  target_compile_options(ferrous_codegen INTERFACE
    -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    target_compile_options(ferrous_codegen INTERFACE -fcf-protection=full)
    # Debian's start files carry no CET note, so the linker would drop ours;
    # all code of ours has the landing pads and keeps calls and returns paired.
    target_link_options(ferrous_codegen INTERFACE -Wl,-z,ibt -Wl,-z,shstk)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    target_compile_options(ferrous_codegen INTERFACE -mbranch-protection=standard)
  endif()
else()
  target_compile_options(ferrous_codegen INTERFACE -fno-omit-frame-pointer)
endif()

if(FERROUS_SANITIZE)
  target_compile_options(ferrous_codegen INTERFACE
    -fsanitize=${FERROUS_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(ferrous_codegen INTERFACE -fsanitize=${FERROUS_SANITIZE})
endif()
if(FERROUS_FUZZ)
  target_compile_options(ferrous_codegen INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(FERROUS_COVERAGE)
  # With the stack protector, whose ending the tests provoke.  Counters live in a shared
  # mapping of their file (%c), one file for all runs of a program (%m): so a sealed worker
  # counts, which may not open or write one, and so does whatever ends by a signal.  The
  # path is compiled in, for a worker starts with an empty environment.
  set(profile "${CMAKE_BINARY_DIR}/profraw/%m%c.profraw")
  target_compile_options(ferrous_codegen INTERFACE -fstack-protector-strong
    "-fprofile-instr-generate=${profile}" -fcoverage-mapping
    "SHELL:-mllvm -runtime-counter-relocation=true")
  target_link_options(ferrous_codegen INTERFACE "-fprofile-instr-generate=${profile}")
endif()

# Executables are PIE in every build: ASLR is part of the confinement.
function(ferrous_pie target)
  target_compile_options(${target} PRIVATE -fPIE)
  target_link_options(${target} PRIVATE -pie)
endfunction()

# The worker has no loader, no dynamic section to rewrite and no second library
# in its address space; instrumented builds need their runtimes and stay dynamic.
function(ferrous_static_pie target)
  if(FERROUS_INSTRUMENTED)
    return()
  endif()
  get_target_property(options ${target} LINK_OPTIONS)
  list(REMOVE_ITEM options -pie)
  set_target_properties(${target} PROPERTIES LINK_OPTIONS "${options}")
  target_link_options(${target} PRIVATE -static-pie)
endfunction()
