print('before')                                              -- expect: before

local t = nil
local x = t.field -- expect error: errors/uncaught.lua:4: attempt to index local 't' (a nil value)
