--[[ a long
comment ]] --[==[ another ]] ]=] ]==] -- short
local a = "\a\b\f\n\r\t\v\\\"\'\0\01\001\255\x41\z" -- unknown escapes stand for themselves
local b = 'a\
b' .. "c\
d"
local c = [[
first newline skipped
]] .. [==[ ]] ]=] [[ ]==] .. [=[]=]
local n = {0, 1, 12345678901234567890, .5, 5., 1.5e10, 1E-5, 1e+5, 0x1F, 0XfFfF, 0xffffffffffffffff, 1e999, 3.14159265358979, 0.1, 1e-320,
  00012, 9007199254740993, 123456789012345, 1234567890123456, 0.000001, 100000000000000000000000000}
local crlf = 1
local d = [[
x
y
z]]
local e = "\
q"return a,

 crlf, d..e;
