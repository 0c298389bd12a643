-- Small constructors, new fields and fields that are not there: what the loop does by itself is what tables do.
local function count(t) local n = 0 for _ in pairs(t) do n = n + 1 end return n end
local function text(t)
  local keys = {}
  for k, v in pairs(t) do keys[#keys + 1] = tostring(k) .. '=' .. tostring(v) end
  table.sort(keys)
  return table.concat(keys, ' ')
end
print(text {1, 2}, text {1, 2, x = 3}, text {x = 1, y = 2, z = 3, 4, 5, 6}) -- expect: 1=1 2=2	1=1 2=2 x=3	1=4 2=5 3=6 x=1 y=2 z=3
print(text {a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7}) -- expect: a=1 b=2 c=3 d=4 e=5 f=6 g=7
print(text {1, 2, 3, 4, 5, 6, 7, a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8}) -- expect: 1=1 2=2 3=3 4=4 5=5 6=6 7=7 a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8
print(#{nil, 2}, #{1, nil}, count {nil, nil, x = nil}, #{1, 2, 3, nil}) -- expect: 2	1	0	3

-- A field more than there was room for, one that was removed, one that is nil from the start.
local t = {x = 1, y = 2}
t.z = 3
t.x = nil
t.w = nil
t.x = 4
print(text(t), t.w) -- expect: x=4 y=2 z=3	nil

-- Many tables through the same instruction: sizes and places differ.
local function set(t, v) t.first = v t.second = v return t end
local all = {}
for n = 0, 20 do
  local made = {}
  for i = 1, n do made['k' .. i] = i end
  all[#all + 1] = count(set(made, n))
end
print(table.concat(all, ' ')) -- expect: 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22

-- __newindex is asked for a new field, whatever was known before.
local log = {}
local M = {}
local watched = setmetatable({}, M)
local function store(t, v) t.field = v end
store(watched, 1)
watched = setmetatable({}, M)
M.__newindex = function(_, k, v) log[#log + 1] = k .. v end
store(watched, 2)
rawset(watched, 'field', 3)
store(watched, 4)
print(table.concat(log, ' '), watched.field) -- expect: field2	4

-- Fields that are not there, with and without an __index, which changes.
local function get(t) return t.missing end
local C = {}
local object = setmetatable({}, C)
print(get({}), get({missing = 1}), get(object)) -- expect: nil	1	nil
C.__index = {missing = 'inherited'}
print(get(object), get(setmetatable({missing = false}, C))) -- expect: inherited	false
C.__index = function(_, k) return k .. ' asked' end
print(get(object), (pcall(function() return object:missing_method() end))) -- expect: missing asked	false

-- A method that a function finds: the receiver is the object, what is asked is the table that the function belongs to.
local asked = {}
local base = {greet = function(self, other) return self.name .. ' and ' .. other end}
local middle = setmetatable({}, {__index = function(t, k) asked[#asked + 1] = k return base[k] end})
middle.__index = middle
local someone = setmetatable({name = 'a'}, middle)
local greetings = {}
for i = 1, 3 do greetings[i] = someone:greet('b') end
print(table.concat(greetings, ', ')) -- expect: a and b, a and b, a and b
print(#asked, asked[1], someone.nothing, #asked) -- expect: 3	greet	nil	4
base.greet = nil
print((select(2, pcall(function() return someone:greet('b') end)):match('attempt.*'))) -- expect: attempt to call method 'greet' (a nil value)
