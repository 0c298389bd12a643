-- Every arithmetic instruction on every kind of value, in registers and as constants.
local event = function(name) return function(a, b) return name end end
local M = setmetatable({}, {__add = event 'M+', __sub = event 'M-', __mul = event 'M*', __div = event 'M/',
                            __mod = event 'M%', __pow = event 'M^', __unm = event '-M', __concat = event 'M..'})
local values, count = {7, '2', {}, M, nil}, 5
local constants = {'3', '"4"', '"x"', 'nil'}

local function short(ok, v)
  if ok then return tostring(v) end
  return (v:gsub('^%[string.-:1: ', ''):gsub('attempt to perform arithmetic on ', '!'):gsub('attempt to concatenate ', '!'))
end
local function row(label, f)
  local line = {label}
  for i = 1, count do line[#line + 1] = short(pcall(f, values[i])) end
  print(table.concat(line, ' | '))
end
local function compile(body) return assert(loadstring(body)) end

for _, op in ipairs {'+', '-', '*', '/', '%', '^'} do
  local f = compile('local a, b = ... return a ' .. op .. ' b')
  for i = 1, count do
    row(i .. ' ' .. op .. ' ?', function(b) return f(values[i], b) end)
  end
  for _, k in ipairs(constants) do
    row('? ' .. op .. ' ' .. k, compile('local a = ... return a ' .. op .. ' ' .. k))
    row(k .. ' ' .. op .. ' ?', compile('local b = ... return ' .. k .. ' ' .. op .. ' b'))
  end
end
for _, left in ipairs(constants) do
  local line = {left}
  for _, op in ipairs {'+', '-', '*', '/', '%', '^'} do
    for _, right in ipairs(constants) do
      line[#line + 1] = short(pcall(compile('return ' .. left .. ' ' .. op .. ' ' .. right)))
    end
  end
  print(table.concat(line, ' | '))
end
row('- ?', compile('local a = ... return -a'))
row('not ?', compile('local a = ... return not a'))
row('# ?', function(a) return (pcall(compile('local a = ... return #a'), a)) end)
for i = 1, count do
  row(i .. ' .. ?', function(b) return compile('local a, b = ... return a .. b')(values[i], b) end)
  row('"x" .. ' .. i .. ' .. ?', function(b) return compile('local a, b = ... return "x" .. a .. b')(values[i], b) end)
end

-- What it prints, row by row.
-- expect: 1 + ? | 14 | 9 | !local 'b' (a table value) | M+ | !local 'b' (a nil value)
-- expect: 2 + ? | 9 | 4 | !local 'b' (a table value) | M+ | !local 'b' (a nil value)
-- expect: 3 + ? | !local 'a' (a table value) | !local 'a' (a table value) | !local 'a' (a table value) | M+ | !local 'a' (a table value)
-- expect: 4 + ? | M+ | M+ | M+ | M+ | M+
-- expect: 5 + ? | !local 'a' (a nil value) | !local 'a' (a nil value) | !local 'a' (a nil value) | M+ | !local 'a' (a nil value)
-- expect: ? + 3 | 10 | 5 | !local 'a' (a table value) | M+ | !local 'a' (a nil value)
-- expect: 3 + ? | 10 | 5 | !local 'b' (a table value) | M+ | !local 'b' (a nil value)
-- expect: ? + "4" | 11 | 6 | !local 'a' (a table value) | M+ | !local 'a' (a nil value)
-- expect: "4" + ? | 11 | 6 | !local 'b' (a table value) | M+ | !local 'b' (a nil value)
-- expect: ? + "x" | !a string value | !a string value | !local 'a' (a table value) | M+ | !local 'a' (a nil value)
-- expect: "x" + ? | !a string value | !a string value | !a string value | M+ | !a string value
-- expect: ? + nil | !a nil value | !a nil value | !local 'a' (a table value) | M+ | !local 'a' (a nil value)
-- expect: nil + ? | !a nil value | !a nil value | !a nil value | M+ | !a nil value
-- expect: 1 - ? | 0 | 5 | !local 'b' (a table value) | M- | !local 'b' (a nil value)
-- expect: 2 - ? | -5 | 0 | !local 'b' (a table value) | M- | !local 'b' (a nil value)
-- expect: 3 - ? | !local 'a' (a table value) | !local 'a' (a table value) | !local 'a' (a table value) | M- | !local 'a' (a table value)
-- expect: 4 - ? | M- | M- | M- | M- | M-
-- expect: 5 - ? | !local 'a' (a nil value) | !local 'a' (a nil value) | !local 'a' (a nil value) | M- | !local 'a' (a nil value)
-- expect: ? - 3 | 4 | -1 | !local 'a' (a table value) | M- | !local 'a' (a nil value)
-- expect: 3 - ? | -4 | 1 | !local 'b' (a table value) | M- | !local 'b' (a nil value)
-- expect: ? - "4" | 3 | -2 | !local 'a' (a table value) | M- | !local 'a' (a nil value)
-- expect: "4" - ? | -3 | 2 | !local 'b' (a table value) | M- | !local 'b' (a nil value)
-- expect: ? - "x" | !a string value | !a string value | !local 'a' (a table value) | M- | !local 'a' (a nil value)
-- expect: "x" - ? | !a string value | !a string value | !a string value | M- | !a string value
-- expect: ? - nil | !a nil value | !a nil value | !local 'a' (a table value) | M- | !local 'a' (a nil value)
-- expect: nil - ? | !a nil value | !a nil value | !a nil value | M- | !a nil value
-- expect: 1 * ? | 49 | 14 | !local 'b' (a table value) | M* | !local 'b' (a nil value)
-- expect: 2 * ? | 14 | 4 | !local 'b' (a table value) | M* | !local 'b' (a nil value)
-- expect: 3 * ? | !local 'a' (a table value) | !local 'a' (a table value) | !local 'a' (a table value) | M* | !local 'a' (a table value)
-- expect: 4 * ? | M* | M* | M* | M* | M*
-- expect: 5 * ? | !local 'a' (a nil value) | !local 'a' (a nil value) | !local 'a' (a nil value) | M* | !local 'a' (a nil value)
-- expect: ? * 3 | 21 | 6 | !local 'a' (a table value) | M* | !local 'a' (a nil value)
-- expect: 3 * ? | 21 | 6 | !local 'b' (a table value) | M* | !local 'b' (a nil value)
-- expect: ? * "4" | 28 | 8 | !local 'a' (a table value) | M* | !local 'a' (a nil value)
-- expect: "4" * ? | 28 | 8 | !local 'b' (a table value) | M* | !local 'b' (a nil value)
-- expect: ? * "x" | !a string value | !a string value | !local 'a' (a table value) | M* | !local 'a' (a nil value)
-- expect: "x" * ? | !a string value | !a string value | !a string value | M* | !a string value
-- expect: ? * nil | !a nil value | !a nil value | !local 'a' (a table value) | M* | !local 'a' (a nil value)
-- expect: nil * ? | !a nil value | !a nil value | !a nil value | M* | !a nil value
-- expect: 1 / ? | 1 | 3.5 | !local 'b' (a table value) | M/ | !local 'b' (a nil value)
-- expect: 2 / ? | 0.28571428571429 | 1 | !local 'b' (a table value) | M/ | !local 'b' (a nil value)
-- expect: 3 / ? | !local 'a' (a table value) | !local 'a' (a table value) | !local 'a' (a table value) | M/ | !local 'a' (a table value)
-- expect: 4 / ? | M/ | M/ | M/ | M/ | M/
-- expect: 5 / ? | !local 'a' (a nil value) | !local 'a' (a nil value) | !local 'a' (a nil value) | M/ | !local 'a' (a nil value)
-- expect: ? / 3 | 2.3333333333333 | 0.66666666666667 | !local 'a' (a table value) | M/ | !local 'a' (a nil value)
-- expect: 3 / ? | 0.42857142857143 | 1.5 | !local 'b' (a table value) | M/ | !local 'b' (a nil value)
-- expect: ? / "4" | 1.75 | 0.5 | !local 'a' (a table value) | M/ | !local 'a' (a nil value)
-- expect: "4" / ? | 0.57142857142857 | 2 | !local 'b' (a table value) | M/ | !local 'b' (a nil value)
-- expect: ? / "x" | !a string value | !a string value | !local 'a' (a table value) | M/ | !local 'a' (a nil value)
-- expect: "x" / ? | !a string value | !a string value | !a string value | M/ | !a string value
-- expect: ? / nil | !a nil value | !a nil value | !local 'a' (a table value) | M/ | !local 'a' (a nil value)
-- expect: nil / ? | !a nil value | !a nil value | !a nil value | M/ | !a nil value
-- expect: 1 % ? | 0 | 1 | !local 'b' (a table value) | M% | !local 'b' (a nil value)
-- expect: 2 % ? | 2 | 0 | !local 'b' (a table value) | M% | !local 'b' (a nil value)
-- expect: 3 % ? | !local 'a' (a table value) | !local 'a' (a table value) | !local 'a' (a table value) | M% | !local 'a' (a table value)
-- expect: 4 % ? | M% | M% | M% | M% | M%
-- expect: 5 % ? | !local 'a' (a nil value) | !local 'a' (a nil value) | !local 'a' (a nil value) | M% | !local 'a' (a nil value)
-- expect: ? % 3 | 1 | 2 | !local 'a' (a table value) | M% | !local 'a' (a nil value)
-- expect: 3 % ? | 3 | 1 | !local 'b' (a table value) | M% | !local 'b' (a nil value)
-- expect: ? % "4" | 3 | 2 | !local 'a' (a table value) | M% | !local 'a' (a nil value)
-- expect: "4" % ? | 4 | 0 | !local 'b' (a table value) | M% | !local 'b' (a nil value)
-- expect: ? % "x" | !a string value | !a string value | !local 'a' (a table value) | M% | !local 'a' (a nil value)
-- expect: "x" % ? | !a string value | !a string value | !a string value | M% | !a string value
-- expect: ? % nil | !a nil value | !a nil value | !local 'a' (a table value) | M% | !local 'a' (a nil value)
-- expect: nil % ? | !a nil value | !a nil value | !a nil value | M% | !a nil value
-- expect: 1 ^ ? | 823543 | 49 | !local 'b' (a table value) | M^ | !local 'b' (a nil value)
-- expect: 2 ^ ? | 128 | 4 | !local 'b' (a table value) | M^ | !local 'b' (a nil value)
-- expect: 3 ^ ? | !local 'a' (a table value) | !local 'a' (a table value) | !local 'a' (a table value) | M^ | !local 'a' (a table value)
-- expect: 4 ^ ? | M^ | M^ | M^ | M^ | M^
-- expect: 5 ^ ? | !local 'a' (a nil value) | !local 'a' (a nil value) | !local 'a' (a nil value) | M^ | !local 'a' (a nil value)
-- expect: ? ^ 3 | 343 | 8 | !local 'a' (a table value) | M^ | !local 'a' (a nil value)
-- expect: 3 ^ ? | 2187 | 9 | !local 'b' (a table value) | M^ | !local 'b' (a nil value)
-- expect: ? ^ "4" | 2401 | 16 | !local 'a' (a table value) | M^ | !local 'a' (a nil value)
-- expect: "4" ^ ? | 16384 | 16 | !local 'b' (a table value) | M^ | !local 'b' (a nil value)
-- expect: ? ^ "x" | !a string value | !a string value | !local 'a' (a table value) | M^ | !local 'a' (a nil value)
-- expect: "x" ^ ? | !a string value | !a string value | !a string value | M^ | !a string value
-- expect: ? ^ nil | !a nil value | !a nil value | !local 'a' (a table value) | M^ | !local 'a' (a nil value)
-- expect: nil ^ ? | !a nil value | !a nil value | !a nil value | M^ | !a nil value
-- expect: 3 | 6 | 7 | !a string value | !a nil value | 0 | -1 | !a string value | !a nil value | 9 | 12 | !a string value | !a nil value | 1 | 0.75 | !a string value | !a nil value | 0 | 3 | !a string value | !a nil value | 27 | 81 | !a string value | !a nil value
-- expect: "4" | 7 | 8 | !a string value | !a nil value | 1 | 0 | !a string value | !a nil value | 12 | 16 | !a string value | !a nil value | 1.3333333333333 | 1 | !a string value | !a nil value | 1 | 0 | !a string value | !a nil value | 64 | 256 | !a string value | !a nil value
-- expect: "x" | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value | !a string value
-- expect: nil | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value | !a nil value
-- expect: - ? | -7 | -2 | !local 'a' (a table value) | -M | !local 'a' (a nil value)
-- expect: not ? | false | false | false | false | true
-- expect: # ? | false | true | true | true | false
-- expect: 1 .. ? | 77 | 72 | !local 'b' (a table value) | M.. | !local 'b' (a nil value)
-- expect: "x" .. 1 .. ? | x77 | x72 | !local 'b' (a table value) | xM.. | !local 'b' (a nil value)
-- expect: 2 .. ? | 27 | 22 | !local 'b' (a table value) | M.. | !local 'b' (a nil value)
-- expect: "x" .. 2 .. ? | x27 | x22 | !local 'b' (a table value) | xM.. | !local 'b' (a nil value)
-- expect: 3 .. ? | !local 'a' (a table value) | !local 'a' (a table value) | !local 'a' (a table value) | M.. | !local 'a' (a table value)
-- expect: "x" .. 3 .. ? | !local 'a' (a table value) | !local 'a' (a table value) | !local 'a' (a table value) | xM.. | !local 'a' (a table value)
-- expect: 4 .. ? | M.. | M.. | M.. | M.. | M..
-- expect: "x" .. 4 .. ? | xM.. | xM.. | xM.. | xM.. | xM..
-- expect: 5 .. ? | !local 'a' (a nil value) | !local 'a' (a nil value) | !local 'a' (a nil value) | M.. | !local 'a' (a nil value)
-- expect: "x" .. 5 .. ? | !local 'a' (a nil value) | !local 'a' (a nil value) | !local 'a' (a nil value) | xM.. | !local 'a' (a nil value)
