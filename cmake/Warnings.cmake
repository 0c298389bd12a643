# Warnings.cmake - the warnings every target of ours is built with.
add_library(ferrous_warnings INTERFACE)
target_compile_options(ferrous_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla
  -Wimplicit-fallthrough -Wpointer-arith -Wformat=2)
if(FERROUS_WERROR)
  target_compile_options(ferrous_warnings INTERFACE -Werror)
endif()
