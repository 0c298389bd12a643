# SharedLibrary.cmake - libferrous_sandbox.so for embedders, from the same objects.
if(NOT TARGET ferrous_sandbox OR NOT EXISTS "${CMAKE_SOURCE_DIR}/sandbox/ferrous_sandbox.h" OR FERROUS_INSTRUMENTED)
  return()
endif()
add_library(ferrous_sandbox_shared SHARED
  $<TARGET_OBJECTS:ferrous_sandbox> $<TARGET_OBJECTS:ferrous_ipc> $<TARGET_OBJECTS:ferrous_policy>)
set_target_properties(ferrous_sandbox_shared PROPERTIES
  OUTPUT_NAME ferrous_sandbox LINKER_LANGUAGE C
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
# Only the door is exported; everything else stays out of the host's namespace.
set(FERROUS_EXPORTS "${CMAKE_SOURCE_DIR}/cmake/ferrous_sandbox.map")
target_link_options(ferrous_sandbox_shared PRIVATE
  "-Wl,--version-script=${FERROUS_EXPORTS}" -Wl,--no-undefined)
set_target_properties(ferrous_sandbox_shared PROPERTIES LINK_DEPENDS "${FERROUS_EXPORTS}")
target_link_libraries(ferrous_sandbox_shared PRIVATE ferrous_codegen PkgConfig::SECCOMP Threads::Threads)
configure_file(cmake/ferrous_sandbox.pc.in "${CMAKE_BINARY_DIR}/lib/ferrous_sandbox.pc" @ONLY)
