# Targets.cmake - the few functions with which the top file declares targets.
# Each does nothing when the folder has no sources yet.

# Collects sources by pattern into `variable`.
function(ferrous_sources variable)
  file(GLOB found CONFIGURE_DEPENDS ${ARGN})
  set(${variable} "${found}" PARENT_SCOPE)
endfunction()

# What library and program share: flags, include roots, options, build info.
function(ferrous_target target)
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
  target_compile_definitions(${target} PRIVATE
    FERROUS_HANDLE_CHECKS=$<BOOL:${FERROUS_HANDLE_CHECKS}>
    FERROUS_STRESS=$<BOOL:${FERROUS_STRESS}>
    FERROUS_DISPATCH_GOTO=$<BOOL:${FERROUS_DISPATCH_GOTO}>)
  target_link_libraries(${target} PRIVATE ferrous_warnings ferrous_codegen)
  add_dependencies(${target} ferrous_build_info)
endfunction()

# `code` is -fPIC for what also goes into the shared library, -fPIE for what is
# only ever linked into programs (and need not expect to be interposed).
function(ferrous_library target sources code)
  if(NOT ${sources})
    return()
  endif()
  add_library(${target} STATIC ${${sources}})
  target_compile_options(${target} PRIVATE ${code})
  ferrous_target(${target})
endfunction()

function(ferrous_program target sources)
  if(NOT ${sources})
    return()
  endif()
  add_executable(${target} ${${sources}})
  ferrous_pie(${target})
  ferrous_target(${target})
endfunction()

# Links those libraries that exist: a layer without sources has no target.
function(ferrous_link target)
  if(NOT TARGET ${target})
    return()
  endif()
  foreach(library ${ARGN})
    if(library MATCHES "^(ferrous_|PkgConfig::|Threads::)" AND NOT TARGET ${library})
      continue()
    endif()
    target_link_libraries(${target} PUBLIC ${library})
  endforeach()
endfunction()
