# RedisModule.cmake - ferrous_sandbox.so for redis-server, with the supervisor inside.
# Instrumented builds leave it out: the server that loads it has no sanitizer.
ferrous_sources(MODULE_SOURCES tools/module/*.c)
if(NOT MODULE_SOURCES OR NOT TARGET ferrous_sandbox OR FERROUS_INSTRUMENTED)
  return()
endif()
add_library(ferrous-module MODULE ${MODULE_SOURCES})
ferrous_target(ferrous-module)
set_target_properties(ferrous-module PROPERTIES PREFIX "" OUTPUT_NAME ferrous_sandbox
  C_VISIBILITY_PRESET hidden)
# The server needs two names; nothing else shall meet those of other modules.
set(MODULE_EXPORTS "${CMAKE_SOURCE_DIR}/cmake/redis_module.map")
target_link_options(ferrous-module PRIVATE "-Wl,--version-script=${MODULE_EXPORTS}" -Wl,--no-undefined)
set_target_properties(ferrous-module PROPERTIES LINK_DEPENDS "${MODULE_EXPORTS}")
ferrous_link(ferrous-module ferrous_journal ferrous_tenants ferrous_quota ferrous_sandbox ferrous_ipc ferrous_policy PkgConfig::SECCOMP Threads::Threads)
if(TARGET ferrous-sandbox-worker)
  add_dependencies(ferrous-module ferrous-sandbox-worker ferrous-sandbox-ledger)
endif()
