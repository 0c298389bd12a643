-- Every instruction that reads or writes a table on every kind of container, key and value.
local M = setmetatable({}, {__index = function(t, k) return 'index ' .. type(k) end,
                            __newindex = function(t, k, v) rawset(t, 'last', type(k) .. ' = ' .. type(v)) end})
local containers, count = {7, 'text', {x = 'X', [1] = 'one', [true] = 'yes'}, M, nil}, 5

local function show(v) return type(v) == 'table' and 'table' or type(v) == 'function' and 'function' or tostring(v) end
local function short(ok, v)
  if ok then return show(v) end
  return (v:gsub('^%[string.-:1: ', ''):gsub('^.-tables.lua:%d+: ', ''):gsub('attempt to index ', '!'))
end
local function row(label, f, ...)
  local line = {label}
  for i = 1, count do line[#line + 1] = short(pcall(f, containers[i], ...)) end
  print(table.concat(line, ' | '))
end
local function compile(body) return assert(loadstring('local t, k, v = ... ' .. body)) end

-- Reading: a constant name, a small number, another constant, a register.
row('t.x', compile 'return t.x')
row('t[1]', compile 'return t[1]')
for _, k in ipairs {'1000', 'true', 'nil', '"len"'} do row('t[' .. k .. ']', compile('return t[' .. k .. ']')) end
local read = compile 'return t[k]'
for i = 1, count do row('t[k] ' .. i, read, containers[i]) end

-- Writing the same, with values from registers and from constants.
local function after(write)
  return function(t, k, v)
    write(t, k, v)
    return t == M and M.last or type(t) == 'table' and (t.x or t[1] or t[k])
  end
end
local values = {'v', '7', '"text"', 'nil', 'true'}
for _, v in ipairs(values) do
  for _, k in ipairs {'.x', '[1]', '[1000]', '[true]', '[nil]', '[k]', '["x"]'} do
    row('t' .. k .. ' = ' .. v, after(compile('t' .. k .. ' = ' .. v)), 'key', {})
  end
end
for i = 1, count do
  row('t[k] = v, ' .. i, after(compile 't[k] = v'), containers[i], 'v')
  row('t[k] = 1, ' .. i, after(compile 't[k] = 1'), containers[i])
  for _, k in ipairs {'.x', '[1]', '[1000]', '[k]'} do
    row('t' .. k .. ' = v ' .. i, after(compile('t' .. k .. ' = v')), 'key', containers[i])
  end
end

-- Methods, with a name and with one that does not fit a constant's place.
local many = {}
for i = 1, 300 do many[i] = 'x = ' .. i .. '.5' end
many = table.concat(many, ' ') .. ' '
local methods = {7, 'text', {len = function(t) return 'mine' end},
                 setmetatable({}, {__index = function(t, k) return function() return k end end}), nil}
local named, far = compile 'return t:len()', assert(loadstring('local t = ... local x ' .. many .. 'return t:len()'))
for _, f in ipairs {named, far} do
  local line = {}
  for i = 1, count do line[i] = short(pcall(f, methods[i])):gsub('"x.-"', '...') end
  print(table.concat(line, ' | '))
end

-- Constructors: lists of each kind, by count and open.
local list = loadstring 'local a, b, c, d, e = ... return {a, b, c, d, e, [6] = 1}'
local open = loadstring 'return {0, ...}'
print(#list(7, 'text', {}, M, nil), #open(7, 'text', {}, M, 1), list(nil)[1], open(M)[2] == M)

-- What it prints, row by row.
-- expect: t.x | !local 't' (a number value) | nil | X | index string | !local 't' (a nil value)
-- expect: t[1] | !local 't' (a number value) | nil | one | index number | !local 't' (a nil value)
-- expect: t[1000] | !local 't' (a number value) | nil | nil | index number | !local 't' (a nil value)
-- expect: t[true] | !local 't' (a number value) | nil | yes | index boolean | !local 't' (a nil value)
-- expect: t[nil] | !local 't' (a number value) | nil | nil | index nil | !local 't' (a nil value)
-- expect: t["len"] | !local 't' (a number value) | function | nil | index string | !local 't' (a nil value)
-- expect: t[k] 1 | !local 't' (a number value) | nil | nil | index number | !local 't' (a nil value)
-- expect: t[k] 2 | !local 't' (a number value) | nil | nil | index string | !local 't' (a nil value)
-- expect: t[k] 3 | !local 't' (a number value) | nil | nil | index table | !local 't' (a nil value)
-- expect: t[k] 4 | !local 't' (a number value) | nil | nil | index table | !local 't' (a nil value)
-- expect: t[k] 5 | !local 't' (a number value) | nil | nil | index nil | !local 't' (a nil value)
-- expect: t.x = v | !local 't' (a number value) | !local 't' (a string value) | table | string = table | !local 't' (a nil value)
-- expect: t[1] = v | !local 't' (a number value) | !local 't' (a string value) | table | number = table | !local 't' (a nil value)
-- expect: t[1000] = v | !local 't' (a number value) | !local 't' (a string value) | table | number = table | !local 't' (a nil value)
-- expect: t[true] = v | !local 't' (a number value) | !local 't' (a string value) | table | boolean = table | !local 't' (a nil value)
-- expect: t[nil] = v | !local 't' (a number value) | !local 't' (a string value) | table index is nil | table index is nil | !local 't' (a nil value)
-- expect: t[k] = v | !local 't' (a number value) | !local 't' (a string value) | table | string = table | !local 't' (a nil value)
-- expect: t["x"] = v | !local 't' (a number value) | !local 't' (a string value) | table | string = table | !local 't' (a nil value)
-- expect: t.x = 7 | !local 't' (a number value) | !local 't' (a string value) | 7 | string = number | !local 't' (a nil value)
-- expect: t[1] = 7 | !local 't' (a number value) | !local 't' (a string value) | 7 | number = number | !local 't' (a nil value)
-- expect: t[1000] = 7 | !local 't' (a number value) | !local 't' (a string value) | 7 | number = number | !local 't' (a nil value)
-- expect: t[true] = 7 | !local 't' (a number value) | !local 't' (a string value) | 7 | boolean = number | !local 't' (a nil value)
-- expect: t[nil] = 7 | !local 't' (a number value) | !local 't' (a string value) | table index is nil | table index is nil | !local 't' (a nil value)
-- expect: t[k] = 7 | !local 't' (a number value) | !local 't' (a string value) | 7 | string = number | !local 't' (a nil value)
-- expect: t["x"] = 7 | !local 't' (a number value) | !local 't' (a string value) | 7 | string = number | !local 't' (a nil value)
-- expect: t.x = "text" | !local 't' (a number value) | !local 't' (a string value) | text | string = string | !local 't' (a nil value)
-- expect: t[1] = "text" | !local 't' (a number value) | !local 't' (a string value) | text | number = string | !local 't' (a nil value)
-- expect: t[1000] = "text" | !local 't' (a number value) | !local 't' (a string value) | text | number = string | !local 't' (a nil value)
-- expect: t[true] = "text" | !local 't' (a number value) | !local 't' (a string value) | text | boolean = string | !local 't' (a nil value)
-- expect: t[nil] = "text" | !local 't' (a number value) | !local 't' (a string value) | table index is nil | table index is nil | !local 't' (a nil value)
-- expect: t[k] = "text" | !local 't' (a number value) | !local 't' (a string value) | text | string = string | !local 't' (a nil value)
-- expect: t["x"] = "text" | !local 't' (a number value) | !local 't' (a string value) | text | string = string | !local 't' (a nil value)
-- expect: t.x = nil | !local 't' (a number value) | !local 't' (a string value) | text | string = nil | !local 't' (a nil value)
-- expect: t[1] = nil | !local 't' (a number value) | !local 't' (a string value) | text | number = nil | !local 't' (a nil value)
-- expect: t[1000] = nil | !local 't' (a number value) | !local 't' (a string value) | text | number = nil | !local 't' (a nil value)
-- expect: t[true] = nil | !local 't' (a number value) | !local 't' (a string value) | text | boolean = nil | !local 't' (a nil value)
-- expect: t[nil] = nil | !local 't' (a number value) | !local 't' (a string value) | table index is nil | table index is nil | !local 't' (a nil value)
-- expect: t[k] = nil | !local 't' (a number value) | !local 't' (a string value) | nil | string = nil | !local 't' (a nil value)
-- expect: t["x"] = nil | !local 't' (a number value) | !local 't' (a string value) | nil | string = nil | !local 't' (a nil value)
-- expect: t.x = true | !local 't' (a number value) | !local 't' (a string value) | true | string = boolean | !local 't' (a nil value)
-- expect: t[1] = true | !local 't' (a number value) | !local 't' (a string value) | true | number = boolean | !local 't' (a nil value)
-- expect: t[1000] = true | !local 't' (a number value) | !local 't' (a string value) | true | number = boolean | !local 't' (a nil value)
-- expect: t[true] = true | !local 't' (a number value) | !local 't' (a string value) | true | boolean = boolean | !local 't' (a nil value)
-- expect: t[nil] = true | !local 't' (a number value) | !local 't' (a string value) | table index is nil | table index is nil | !local 't' (a nil value)
-- expect: t[k] = true | !local 't' (a number value) | !local 't' (a string value) | true | string = boolean | !local 't' (a nil value)
-- expect: t["x"] = true | !local 't' (a number value) | !local 't' (a string value) | true | string = boolean | !local 't' (a nil value)
-- expect: t[k] = v, 1 | !local 't' (a number value) | !local 't' (a string value) | true | number = string | !local 't' (a nil value)
-- expect: t[k] = 1, 1 | !local 't' (a number value) | !local 't' (a string value) | true | number = number | !local 't' (a nil value)
-- expect: t.x = v 1 | !local 't' (a number value) | !local 't' (a string value) | 7 | string = number | !local 't' (a nil value)
-- expect: t[1] = v 1 | !local 't' (a number value) | !local 't' (a string value) | 7 | number = number | !local 't' (a nil value)
-- expect: t[1000] = v 1 | !local 't' (a number value) | !local 't' (a string value) | 7 | number = number | !local 't' (a nil value)
-- expect: t[k] = v 1 | !local 't' (a number value) | !local 't' (a string value) | 7 | string = number | !local 't' (a nil value)
-- expect: t[k] = v, 2 | !local 't' (a number value) | !local 't' (a string value) | 7 | string = string | !local 't' (a nil value)
-- expect: t[k] = 1, 2 | !local 't' (a number value) | !local 't' (a string value) | 7 | string = number | !local 't' (a nil value)
-- expect: t.x = v 2 | !local 't' (a number value) | !local 't' (a string value) | text | string = string | !local 't' (a nil value)
-- expect: t[1] = v 2 | !local 't' (a number value) | !local 't' (a string value) | text | number = string | !local 't' (a nil value)
-- expect: t[1000] = v 2 | !local 't' (a number value) | !local 't' (a string value) | text | number = string | !local 't' (a nil value)
-- expect: t[k] = v 2 | !local 't' (a number value) | !local 't' (a string value) | text | string = string | !local 't' (a nil value)
-- expect: t[k] = v, 3 | !local 't' (a number value) | !local 't' (a string value) | text | table = string | !local 't' (a nil value)
-- expect: t[k] = 1, 3 | !local 't' (a number value) | !local 't' (a string value) | text | table = number | !local 't' (a nil value)
-- expect: t.x = v 3 | !local 't' (a number value) | !local 't' (a string value) | table | string = table | !local 't' (a nil value)
-- expect: t[1] = v 3 | !local 't' (a number value) | !local 't' (a string value) | table | number = table | !local 't' (a nil value)
-- expect: t[1000] = v 3 | !local 't' (a number value) | !local 't' (a string value) | table | number = table | !local 't' (a nil value)
-- expect: t[k] = v 3 | !local 't' (a number value) | !local 't' (a string value) | table | string = table | !local 't' (a nil value)
-- expect: t[k] = v, 4 | !local 't' (a number value) | !local 't' (a string value) | table | table = string | !local 't' (a nil value)
-- expect: t[k] = 1, 4 | !local 't' (a number value) | !local 't' (a string value) | table | table = number | !local 't' (a nil value)
-- expect: t.x = v 4 | !local 't' (a number value) | !local 't' (a string value) | table | string = table | !local 't' (a nil value)
-- expect: t[1] = v 4 | !local 't' (a number value) | !local 't' (a string value) | table | number = table | !local 't' (a nil value)
-- expect: t[1000] = v 4 | !local 't' (a number value) | !local 't' (a string value) | table | number = table | !local 't' (a nil value)
-- expect: t[k] = v 4 | !local 't' (a number value) | !local 't' (a string value) | table | string = table | !local 't' (a nil value)
-- expect: t[k] = v, 5 | !local 't' (a number value) | !local 't' (a string value) | table index is nil | table index is nil | !local 't' (a nil value)
-- expect: t[k] = 1, 5 | !local 't' (a number value) | !local 't' (a string value) | table index is nil | table index is nil | !local 't' (a nil value)
-- expect: t.x = v 5 | !local 't' (a number value) | !local 't' (a string value) | table | string = nil | !local 't' (a nil value)
-- expect: t[1] = v 5 | !local 't' (a number value) | !local 't' (a string value) | table | number = nil | !local 't' (a nil value)
-- expect: t[1000] = v 5 | !local 't' (a number value) | !local 't' (a string value) | table | number = nil | !local 't' (a nil value)
-- expect: t[k] = v 5 | !local 't' (a number value) | !local 't' (a string value) | nil | string = nil | !local 't' (a nil value)
-- expect: !local 't' (a number value) | 4 | mine | len | !local 't' (a nil value)
-- expect: !local 't' (a number value) | 4 | mine | len | !local 't' (a nil value)
-- expect: 4	6	nil	true
