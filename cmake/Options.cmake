# Options.cmake - what a build may choose.  Presets set these; nothing else does.
option(FERROUS_HANDLE_CHECKS "Validate the generation of every handle (off only to measure its price)" ON)
option(FERROUS_STRESS "Collect at every collection point, move stacks at every reserve, smallest sizes" OFF)
option(FERROUS_WERROR "Treat warnings as errors" OFF)
option(FERROUS_TESTS "Build the tests" ON)
option(FERROUS_FUZZ "Build the libFuzzer targets of tests/fuzz" OFF)
option(FERROUS_COVERAGE "Instrument for llvm-cov" OFF)
set(FERROUS_SANITIZE "" CACHE STRING "Sanitizers, as the value of -fsanitize=")
set(FERROUS_DISPATCH auto CACHE STRING "Interpreter dispatch: auto, tail or goto")
set_property(CACHE FERROUS_DISPATCH PROPERTY STRINGS auto tail goto)
if(NOT FERROUS_DISPATCH MATCHES "^(auto|tail|goto)$")
  message(FATAL_ERROR "FERROUS_DISPATCH is '${FERROUS_DISPATCH}': give auto, tail or goto")
endif()

# Tail-calling handlers need two attributes that only newer compilers have.
include(CheckCSourceCompiles)
set(CMAKE_REQUIRED_FLAGS -Werror)
check_c_source_compiles("
  __attribute__((preserve_none)) int next(int a);
  __attribute__((preserve_none)) int first(int a) { __attribute__((musttail)) return next(a); }
  int main(void) { return 0; }
  __attribute__((preserve_none)) int next(int a) { return a; }" FERROUS_HAS_TAIL_DISPATCH)
unset(CMAKE_REQUIRED_FLAGS)
if(FERROUS_DISPATCH STREQUAL tail AND NOT FERROUS_HAS_TAIL_DISPATCH)
  message(FATAL_ERROR "FERROUS_DISPATCH=tail needs musttail and preserve_none: clang 19 or later")
endif()
set(FERROUS_DISPATCH_GOTO ON)
if(FERROUS_HAS_TAIL_DISPATCH AND NOT FERROUS_DISPATCH STREQUAL goto)
  set(FERROUS_DISPATCH_GOTO OFF)
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# CMake's own Release adds -DNDEBUG; asserts stay on in every build of ours.
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")

find_program(FERROUS_CCACHE NAMES ccache)
if(FERROUS_CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${FERROUS_CCACHE}")
endif()
include(GNUInstallDirs)

# Everything instrumented links dynamically and without the release hardening.
set(FERROUS_INSTRUMENTED OFF)
if(FERROUS_SANITIZE OR FERROUS_FUZZ OR FERROUS_COVERAGE)
  set(FERROUS_INSTRUMENTED ON)
endif()
