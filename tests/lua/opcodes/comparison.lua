-- Every comparing and testing instruction on every kind of value, in registers and as constants.
local M = {__lt = function(a, b) return true end, __le = function(a, b) return false end,
           __eq = function(a, b) return true end}
local values, count = {7, '2', {}, setmetatable({}, M), nil}, 5
local other = setmetatable({}, M)
local constants = {'7', '"2"', 'nil', 'true'}

local function strip(v) return type(v) == 'string' and v:gsub('^%[string.-:1: ', ''):gsub('attempt to compare ', '!') or v end
local function short(ok, v) return tostring(strip(v)) end
local function row(label, f)
  local line = {label}
  for i = 1, count do line[#line + 1] = short(pcall(f, values[i])) end
  print(table.concat(line, ' | '))
end
-- The value of a comparison, and a jump on it: instructions for both ways.
local function both(text)
  local value = assert(loadstring('local a, b = ... return ' .. text))
  local jump = assert(loadstring('local a, b = ... if ' .. text .. ' then return true end return false'))
  local negated = assert(loadstring('local a, b = ... if not (' .. text .. ') then return false end return true'))
  local last = assert(loadstring('local a, b = ... local n = 0 repeat n = n + 1 until n == 2 or ' .. text .. ' return n == 1'))
  return function(a, b)
    local ok, result = pcall(value, a, b)
    for _, f in ipairs {jump, negated, last} do
      local same_ok, same = pcall(f, a, b)
      assert(same_ok == ok and strip(same) == strip(result))
    end
    if not ok then error(result, 0) end
    return result
  end
end

for _, op in ipairs {'==', '~=', '<', '<=', '>', '>='} do
  local f = both('a ' .. op .. ' b')
  for i = 1, count do
    row(i .. ' ' .. op .. ' ?', function(b) return f(values[i], b) end)
  end
  row('other ' .. op .. ' ?', function(b) return f(other, b) end)
  row('? ' .. op .. ' other', function(a) return f(a, other) end)
  for _, k in ipairs(constants) do
    row('? ' .. op .. ' ' .. k, both('a ' .. op .. ' ' .. k))
    row(k .. ' ' .. op .. ' ?', both(k .. ' ' .. op .. ' a'))
  end
end
for _, left in ipairs(constants) do
  local line = {left}
  for _, op in ipairs {'==', '~=', '<', '<=', '>', '>='} do
    for _, right in ipairs(constants) do line[#line + 1] = short(pcall(both(left .. ' ' .. op .. ' ' .. right))) end
  end
  print(table.concat(line, ' | '))
end

-- Values as conditions.
for _, body in ipairs {'if a then return "then" end return "else"', 'if not a then return "then" end return "else"',
                       'local b = a or "or" return b', 'local b = a and "and" return b',
                       'while a do return "in" end return "out"', 'repeat local n = 1 until a or n return a and 1'} do
  row(body, function(a)
    local v = loadstring('local a = ... ' .. body)(a)
    return type(v) == 'table' and 'table' or v
  end)
end

-- What it prints, row by row.
-- expect: 1 == ? | true | false | false | false | false
-- expect: 2 == ? | false | true | false | false | false
-- expect: 3 == ? | false | false | true | false | false
-- expect: 4 == ? | false | false | false | true | false
-- expect: 5 == ? | false | false | false | false | true
-- expect: other == ? | false | false | false | true | false
-- expect: ? == other | false | false | false | true | false
-- expect: ? == 7 | true | false | false | false | false
-- expect: 7 == ? | true | false | false | false | false
-- expect: ? == "2" | false | true | false | false | false
-- expect: "2" == ? | false | true | false | false | false
-- expect: ? == nil | false | false | false | false | true
-- expect: nil == ? | false | false | false | false | true
-- expect: ? == true | false | false | false | false | false
-- expect: true == ? | false | false | false | false | false
-- expect: 1 ~= ? | false | true | true | true | true
-- expect: 2 ~= ? | true | false | true | true | true
-- expect: 3 ~= ? | true | true | false | true | true
-- expect: 4 ~= ? | true | true | true | false | true
-- expect: 5 ~= ? | true | true | true | true | false
-- expect: other ~= ? | true | true | true | false | true
-- expect: ? ~= other | true | true | true | false | true
-- expect: ? ~= 7 | false | true | true | true | true
-- expect: 7 ~= ? | false | true | true | true | true
-- expect: ? ~= "2" | true | false | true | true | true
-- expect: "2" ~= ? | true | false | true | true | true
-- expect: ? ~= nil | true | true | true | true | false
-- expect: nil ~= ? | true | true | true | true | false
-- expect: ? ~= true | true | true | true | true | true
-- expect: true ~= ? | true | true | true | true | true
-- expect: 1 < ? | false | !number with string | !number with table | !number with table | !number with nil
-- expect: 2 < ? | !string with number | false | !string with table | !string with table | !string with nil
-- expect: 3 < ? | !table with number | !table with string | !two table values | !two table values | !table with nil
-- expect: 4 < ? | !table with number | !table with string | !two table values | true | !table with nil
-- expect: 5 < ? | !nil with number | !nil with string | !nil with table | !nil with table | !two nil values
-- expect: other < ? | !table with number | !table with string | !two table values | true | !table with nil
-- expect: ? < other | !number with table | !string with table | !two table values | true | !nil with table
-- expect: ? < 7 | false | !string with number | !table with number | !table with number | !nil with number
-- expect: 7 < ? | false | !number with string | !number with table | !number with table | !number with nil
-- expect: ? < "2" | !number with string | false | !table with string | !table with string | !nil with string
-- expect: "2" < ? | !string with number | false | !string with table | !string with table | !string with nil
-- expect: ? < nil | !number with nil | !string with nil | !table with nil | !table with nil | !two nil values
-- expect: nil < ? | !nil with number | !nil with string | !nil with table | !nil with table | !two nil values
-- expect: ? < true | !number with boolean | !string with boolean | !table with boolean | !table with boolean | !nil with boolean
-- expect: true < ? | !boolean with number | !boolean with string | !boolean with table | !boolean with table | !boolean with nil
-- expect: 1 <= ? | true | !number with string | !number with table | !number with table | !number with nil
-- expect: 2 <= ? | !string with number | true | !string with table | !string with table | !string with nil
-- expect: 3 <= ? | !table with number | !table with string | !two table values | !two table values | !table with nil
-- expect: 4 <= ? | !table with number | !table with string | !two table values | false | !table with nil
-- expect: 5 <= ? | !nil with number | !nil with string | !nil with table | !nil with table | !two nil values
-- expect: other <= ? | !table with number | !table with string | !two table values | false | !table with nil
-- expect: ? <= other | !number with table | !string with table | !two table values | false | !nil with table
-- expect: ? <= 7 | true | !string with number | !table with number | !table with number | !nil with number
-- expect: 7 <= ? | true | !number with string | !number with table | !number with table | !number with nil
-- expect: ? <= "2" | !number with string | true | !table with string | !table with string | !nil with string
-- expect: "2" <= ? | !string with number | true | !string with table | !string with table | !string with nil
-- expect: ? <= nil | !number with nil | !string with nil | !table with nil | !table with nil | !two nil values
-- expect: nil <= ? | !nil with number | !nil with string | !nil with table | !nil with table | !two nil values
-- expect: ? <= true | !number with boolean | !string with boolean | !table with boolean | !table with boolean | !nil with boolean
-- expect: true <= ? | !boolean with number | !boolean with string | !boolean with table | !boolean with table | !boolean with nil
-- expect: 1 > ? | false | !string with number | !table with number | !table with number | !nil with number
-- expect: 2 > ? | !number with string | false | !table with string | !table with string | !nil with string
-- expect: 3 > ? | !number with table | !string with table | !two table values | !two table values | !nil with table
-- expect: 4 > ? | !number with table | !string with table | !two table values | true | !nil with table
-- expect: 5 > ? | !number with nil | !string with nil | !table with nil | !table with nil | !two nil values
-- expect: other > ? | !number with table | !string with table | !two table values | true | !nil with table
-- expect: ? > other | !table with number | !table with string | !two table values | true | !table with nil
-- expect: ? > 7 | false | !number with string | !number with table | !number with table | !number with nil
-- expect: 7 > ? | false | !string with number | !table with number | !table with number | !nil with number
-- expect: ? > "2" | !string with number | false | !string with table | !string with table | !string with nil
-- expect: "2" > ? | !number with string | false | !table with string | !table with string | !nil with string
-- expect: ? > nil | !nil with number | !nil with string | !nil with table | !nil with table | !two nil values
-- expect: nil > ? | !number with nil | !string with nil | !table with nil | !table with nil | !two nil values
-- expect: ? > true | !boolean with number | !boolean with string | !boolean with table | !boolean with table | !boolean with nil
-- expect: true > ? | !number with boolean | !string with boolean | !table with boolean | !table with boolean | !nil with boolean
-- expect: 1 >= ? | true | !string with number | !table with number | !table with number | !nil with number
-- expect: 2 >= ? | !number with string | true | !table with string | !table with string | !nil with string
-- expect: 3 >= ? | !number with table | !string with table | !two table values | !two table values | !nil with table
-- expect: 4 >= ? | !number with table | !string with table | !two table values | false | !nil with table
-- expect: 5 >= ? | !number with nil | !string with nil | !table with nil | !table with nil | !two nil values
-- expect: other >= ? | !number with table | !string with table | !two table values | false | !nil with table
-- expect: ? >= other | !table with number | !table with string | !two table values | false | !table with nil
-- expect: ? >= 7 | true | !number with string | !number with table | !number with table | !number with nil
-- expect: 7 >= ? | true | !string with number | !table with number | !table with number | !nil with number
-- expect: ? >= "2" | !string with number | true | !string with table | !string with table | !string with nil
-- expect: "2" >= ? | !number with string | true | !table with string | !table with string | !nil with string
-- expect: ? >= nil | !nil with number | !nil with string | !nil with table | !nil with table | !two nil values
-- expect: nil >= ? | !number with nil | !string with nil | !table with nil | !table with nil | !two nil values
-- expect: ? >= true | !boolean with number | !boolean with string | !boolean with table | !boolean with table | !boolean with nil
-- expect: true >= ? | !number with boolean | !string with boolean | !table with boolean | !table with boolean | !nil with boolean
-- expect: 7 | true | false | false | false | false | true | true | true | false | !number with string | !number with nil | !number with boolean | true | !number with string | !number with nil | !number with boolean | false | !string with number | !nil with number | !boolean with number | true | !string with number | !nil with number | !boolean with number
-- expect: "2" | false | true | false | false | true | false | true | true | !string with number | false | !string with nil | !string with boolean | !string with number | true | !string with nil | !string with boolean | !number with string | false | !nil with string | !boolean with string | !number with string | true | !nil with string | !boolean with string
-- expect: nil | false | false | true | false | true | true | false | true | !nil with number | !nil with string | !two nil values | !nil with boolean | !nil with number | !nil with string | !two nil values | !nil with boolean | !number with nil | !string with nil | !two nil values | !boolean with nil | !number with nil | !string with nil | !two nil values | !boolean with nil
-- expect: true | false | false | false | true | true | true | true | false | !boolean with number | !boolean with string | !boolean with nil | !two boolean values | !boolean with number | !boolean with string | !boolean with nil | !two boolean values | !number with boolean | !string with boolean | !nil with boolean | !two boolean values | !number with boolean | !string with boolean | !nil with boolean | !two boolean values
-- expect: if a then return "then" end return "else" | then | then | then | then | else
-- expect: if not a then return "then" end return "else" | else | else | else | else | then
-- expect: local b = a or "or" return b | 7 | 2 | table | table | or
-- expect: local b = a and "and" return b | and | and | and | and | nil
-- expect: while a do return "in" end return "out" | in | in | in | in | out
-- expect: repeat local n = 1 until a or n return a and 1 | 1 | 1 | 1 | 1 | nil
