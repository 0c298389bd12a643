-- Calls, returns, loops, upvalues and globals on every kind of value.
local M = setmetatable({}, {__call = function(self, a) return 'called with a ' .. type(a) end})
local values, count = {7, 'text', {}, M, nil}, 5
local function show(v) return type(v) == 'table' and 'table' or type(v) == 'function' and 'function' or tostring(v) end
local function short(ok, v)
  if ok then return show(v) end
  return (v:gsub('^%[string.-:1: ', ''):gsub('^.-calls.lua:%d+: ', ''):gsub('attempt to ', '!'))
end
local function row(label, f)
  local line = {label}
  for i = 1, count do line[#line + 1] = short(pcall(f, values[i])) end
  print(table.concat(line, ' | '))
end
local function compile(body) return assert(loadstring('local a = ... ' .. body)) end
local many = {}
for i = 1, 300 do many[i] = 'x = ' .. i .. '.5' end
many = 'local x ' .. table.concat(many, ' ') .. ' '

-- Calls and returns.
for _, body in ipairs {'local r = a(1) return r', 'local r = a(a) return r', 'return a(1)', 'return a(...)',
                       'local r = a(...) return r', 'return a', 'return a, a', 'return a, ...', 'do return (...) end'} do
  row(body, compile(body))
end
row('captured', compile 'local b = a local function f() return b end b = b return f() and f()')
row('returned through a block', compile 'do local b = a local function f() b = b end return b end')
row('broken off', compile 'local r while true do local b = a local function f() b = b end f() r = b break end return r')
row('closed in a loop', compile 'local r for i = 1, 2 do local b = a local function f() b = a return b end r = f() end return r')

-- Loops.
for _, body in ipairs {'for i = a, 8 do return i end', 'for i = 6, a do return i end', 'for i = 1, 20, a do return i end',
                       'for k in a do return k end', 'for k in next, a do return k end', 'for k in pairs, {}, a do return k end',
                       'for k in function(s, c) return c == nil and s or nil end, a do return k end',
                       'for k in function(s, c) return s == c and 1 or nil end, a, a do return k end'} do
  row(body, compile(body))
end
local body = many:gsub('local x', '')
local far = 'local n, x = 0 for i = a, 8 do ' .. body:rep(110) .. ' n = n + 1 end return n'
row('a long loop', compile(far))

-- Upvalues: captured by value and by reference, read and written.
row('read', compile 'local function f() return a end return f()')
row('written', compile 'local b = 1 local function f(v) b = v return b end f(a) local r = b b = 2 return r')
row('overwritten', compile 'local b = a local function f() b = 1 return b end b = a return f()')

-- Globals: written and read, near and with a constant that does not fit its field; then
-- with an environment that has a metatable.
local numbers = {}
for i = 1, 66000 do numbers[i] = i .. '.25,' end
local wide = 'local t = {' .. table.concat(numbers) .. '} '
local near = compile 'GLOBAL = a return GLOBAL'
local beyond = compile(wide .. 'FAR_GLOBAL = a return FAR_GLOBAL')
local constant = compile(wide .. 'return 123456.5')
row('global', near)
row('far global', beyond)
row('far constant', constant)
-- A closure whose function's number does not fit either.
print(loadstring('local f ' .. ('f = function() return 1 end '):rep(65600) .. 'return f()')())
local environment = setmetatable({}, {__index = function(t, k) return k end, __newindex = function(t, k, v) end})
row('global through a metatable', setfenv(near, environment))
row('far global through a metatable', setfenv(beyond, environment))

-- What it prints, row by row.
-- expect: local r = a(1) return r | !call local 'a' (a number value) | !call local 'a' (a string value) | !call local 'a' (a table value) | called with a number | !call local 'a' (a nil value)
-- expect: local r = a(a) return r | !call local 'a' (a number value) | !call local 'a' (a string value) | !call local 'a' (a table value) | called with a table | !call local 'a' (a nil value)
-- expect: return a(1) | !call local 'a' (a number value) | !call local 'a' (a string value) | !call local 'a' (a table value) | called with a number | !call local 'a' (a nil value)
-- expect: return a(...) | !call local 'a' (a number value) | !call local 'a' (a string value) | !call local 'a' (a table value) | called with a table | !call local 'a' (a nil value)
-- expect: local r = a(...) return r | !call local 'a' (a number value) | !call local 'a' (a string value) | !call local 'a' (a table value) | called with a table | !call local 'a' (a nil value)
-- expect: return a | 7 | text | table | table | nil
-- expect: return a, a | 7 | text | table | table | nil
-- expect: return a, ... | 7 | text | table | table | nil
-- expect: do return (...) end | 7 | text | table | table | nil
-- expect: captured | 7 | text | table | table | nil
-- expect: returned through a block | 7 | text | table | table | nil
-- expect: broken off | 7 | text | table | table | nil
-- expect: closed in a loop | 7 | text | table | table | nil
-- expect: for i = a, 8 do return i end | 7 | 'for' initial value must be a number | 'for' initial value must be a number | 'for' initial value must be a number | 'for' initial value must be a number
-- expect: for i = 6, a do return i end | 6 | 'for' limit must be a number | 'for' limit must be a number | 'for' limit must be a number | 'for' limit must be a number
-- expect: for i = 1, 20, a do return i end | 1 | 'for' step must be a number | 'for' step must be a number | 'for' step must be a number | 'for' step must be a number
-- expect: for k in a do return k end | !call a number value | !call a string value | !call a table value | called with a nil | !call a nil value
-- expect: for k in next, a do return k end | bad argument #1 to '(for generator)' (table expected, got number) | bad argument #1 to '(for generator)' (table expected, got string) | nil | nil | bad argument #1 to '(for generator)' (table expected, got nil)
-- expect: for k in pairs, {}, a do return k end | function | function | function | function | function
-- expect: for k in function(s, c) return c == nil and s or nil end, a do return k end | 7 | text | table | table | nil
-- expect: for k in function(s, c) return s == c and 1 or nil end, a, a do return k end | 1 | 1 | 1 | 1 | 1
-- expect: a long loop | 2 | 'for' initial value must be a number | 'for' initial value must be a number | 'for' initial value must be a number | 'for' initial value must be a number
-- expect: read | 7 | text | table | table | nil
-- expect: written | 7 | text | table | table | nil
-- expect: overwritten | 1 | 1 | 1 | 1 | 1
-- expect: global | 7 | text | table | table | nil
-- expect: far global | 7 | text | table | table | nil
-- expect: far constant | 123456.5 | 123456.5 | 123456.5 | 123456.5 | 123456.5
-- expect: 1
-- expect: global through a metatable | GLOBAL | GLOBAL | GLOBAL | GLOBAL | GLOBAL
-- expect: far global through a metatable | FAR_GLOBAL | FAR_GLOBAL | FAR_GLOBAL | FAR_GLOBAL | FAR_GLOBAL
