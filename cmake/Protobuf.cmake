# Protobuf.cmake - ferrous_proto, protobuf-c's reading of the contract.
# It is the oracle for our own codec, and is used where the peer is trusted;
# neither the worker nor the supervisor links it.
file(GLOB PROTO_FILES CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}" proto/*.proto)
if(NOT PROTO_FILES OR NOT TARGET PkgConfig::PROTOBUF_C)
  return()
endif()
set(PROTO_GENERATED)
foreach(proto ${PROTO_FILES})
  string(REGEX REPLACE "\\.proto$" ".pb-c" stem "${proto}")
  add_custom_command(
    OUTPUT "${CMAKE_BINARY_DIR}/${stem}.c" "${CMAKE_BINARY_DIR}/${stem}.h"
    COMMAND ${FERROUS_PROTOC_C} "--proto_path=${CMAKE_SOURCE_DIR}" "--c_out=${CMAKE_BINARY_DIR}" "${CMAKE_SOURCE_DIR}/${proto}"
    DEPENDS "${CMAKE_SOURCE_DIR}/${proto}"
    COMMENT "Generating ${stem}.c" VERBATIM)
  list(APPEND PROTO_GENERATED "${CMAKE_BINARY_DIR}/${stem}.c" "${CMAKE_BINARY_DIR}/${stem}.h")
endforeach()
# Not ferrous_target(): generated code is not held to our warnings.
add_library(ferrous_proto STATIC ${PROTO_GENERATED})
target_compile_options(ferrous_proto PRIVATE -fPIC)
target_include_directories(ferrous_proto PUBLIC "${CMAKE_BINARY_DIR}")
target_link_libraries(ferrous_proto PUBLIC PkgConfig::PROTOBUF_C PRIVATE ferrous_codegen)
