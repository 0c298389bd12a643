-- hello.lua - the smallest script: no keys, an optional name as argument.
--   ferrous-sandboxctl run examples/hello.lua
--   ferrous-sandboxctl run examples/hello.lua , Ada
local name = ARGV[1] or 'world'
return 'Hello, ' .. name .. '!'
