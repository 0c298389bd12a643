# Fuzz.cmake - every tests/fuzz/fuzz_<name>.c is one libFuzzer program, linked
# with all layers; tests/fuzz/corpus/<name>/, when present, is its seed corpus.
# A target that also compares with another implementation needs nothing more:
# it traps when they disagree.
ferrous_sources(FUZZ_SOURCES tests/fuzz/fuzz_*.c)
foreach(fuzz_source ${FUZZ_SOURCES})
  get_filename_component(fuzz_target "${fuzz_source}" NAME_WE)
  set(fuzz_sources "${fuzz_source}")
  if(fuzz_target STREQUAL "fuzz_request")  # of the module, which is no library
    list(APPEND fuzz_sources tools/module/request.c tools/module/answer.c)
  endif()
  ferrous_program(${fuzz_target} fuzz_sources)
  set_source_files_properties(${fuzz_source} PROPERTIES COMPILE_OPTIONS
    "-Wno-missing-prototypes;-Wno-format-nonliteral")
  target_link_options(${fuzz_target} PRIVATE -fsanitize=fuzzer)
  if(fuzz_target STREQUAL "fuzz_import")
    ferrous_link(${fuzz_target} ferrous_ledger)
  endif()
  ferrous_link(${fuzz_target} ferrous_tenants ferrous_journal ferrous_quota ferrous_worker ferrous_sandbox ferrous_ipc ferrous_vm_full ferrous_vm ferrous_policy
    ferrous_proto m)
  set_target_properties(${fuzz_target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
endforeach()
