-- Errors of library functions that few programs meet.
local print, tostring = print, tostring
local function message(f, ...) return (select(2, pcall(f, ...))) end

print(message(function() string.format('%', 1) end))         -- expect: errors/library_corners.lua:5: invalid option '%' to 'format'
print(message(function() string.format('%y', 1) end))        -- expect: errors/library_corners.lua:6: invalid option '%y' to 'format'
print(#string.format('%c', 0), #string.format('%5c|', 0), #string.format('%-5c|', 0)) -- expect: 0	5	1

-- A replacement that is indexed like any table, and fails like one.
local function gsub(index) return function() return ('x'):gsub('x', setmetatable({}, {__index = index})) end end
print(message(gsub(5)))                                      -- expect: attempt to index a number value
print(message(gsub(setmetatable({}, {__index = true}))))     -- expect: attempt to index a boolean value
print(gsub(setmetatable({}, {__index = {x = 'y'}}))())       -- expect: y	1

-- A comparator that lies: each way of running over an end.
local function lie(from) local n = 0 return function() n = n + 1 return n > from end end
print(message(table.sort, {1, 2, 3, 4, 5}, lie(4)))          -- expect: invalid order function for sorting
print(message(table.sort, {1, 2, 3, 4, 5}, lie(0)))          -- expect: invalid order function for sorting
print(message(table.sort, {1, 2, 3, 4, 5}, lie(3)))          -- expect: invalid order function for sorting
print(message(table.sort, {1, 'x', 2, 'y'}))                 -- expect: attempt to compare string with number

-- The step of ipairs, called by hand.
local step, list = ipairs({5})
print(step(list, 0), step(list, 1), message(step))           -- expect: 1	nil	bad argument #2 to '?' (number expected, got no value)

-- Library functions as metamethods have no name.
local rep = setmetatable({}, {__index = string.rep, __add = string.rep, __call = string.rep})
print(message(function() return rep.x end))                  -- expect: errors/library_corners.lua:28: bad argument #1 to '?' (string expected, got table)
print(message(function() return rep + 1 end))                -- expect: errors/library_corners.lua:29: bad argument #1 to '?' (string expected, got table)

-- Levels of error behind tail calls, and beyond the stack.
local function fail(level) error('here', level) end
local function tail(level) return fail(level) end
for level = 0, 6 do print(message(function() tail(level) end)) end
-- expect: here
-- expect: errors/library_corners.lua:32: here
-- expect: here
-- expect: errors/library_corners.lua:34: here
-- expect: here
-- expect: errors/library_corners.lua:3: here
-- expect: errors/library_corners.lua:34: here

-- Names that do not fit a constant's place in the instruction.
local many = {}
for i = 1, 300 do many[i] = 'x = ' .. i .. '.5' end
print(message(loadstring('local x, t = 0, {} ' .. table.concat(many, ' ') .. ' t:method()', '=far'))) -- expect: far:1: attempt to call method '?' (a nil value)
for i = 1, 66000 do many[i] = i .. '.25,' end
print(message(loadstring('local t = {' .. table.concat(many) .. '} no_such_function()', '=farther'))) -- expect: farther:1: attempt to call global 'no_such_function' (a nil value)
print((select(2, loadstring(('f = function() end '):rep(262145), '=farthest')):match('[^\n]*'))) -- expect: constant table overflow

-- print calls the global tostring, and insists on a string.
local real = tostring
_G.tostring = function() return {} end
local ok, why = pcall(print, 1)
_G.tostring = nil
local again, reason = pcall(print, 1)
_G.tostring = real
print(ok, why, again, reason)                                -- expect: false	'tostring' must return a string to 'print'	false	attempt to call a nil value
