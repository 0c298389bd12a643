-- What an instruction takes from the one before must be what the register holds, whatever happened between.
local function answer(name)
  return function(a, b)
    local x = 1 + 2 -- leaves another result behind
    return name == '__lt' or name == '__le' or x * 2 + 1
  end
end
local M = {}
for _, e in ipairs {'__add', '__sub', '__mul', '__div', '__mod', '__lt', '__le'} do M[e] = answer(e) end
M.__index = function(_, k) return tostring(k) end
local object = setmetatable({}, M)
local values = {3, -2, 0, 0 / 0, '4', object}
local lefts, rights = {3, 2 ^ 31, object}, {3, 0 / 0, '4', object}
local operators = {'+', '-', '*', '/', '%'}
function same(v) return v end

local function text(ok, v)
  if not ok then return (v:gsub('^.-:%d+: ', ''):gsub("local '%w+'", 'it'):gsub('a %w+ value', 'a value')) end
  return (tostring(v):gsub('%-nan', 'nan'))
end
-- Each body twice: chained, and with a call between both instructions.
local bodies, wrong, compared = {}, 0, 0
for _, made in ipairs {'a + b', 'a - b', 'a * b', 'a / b', 'a % b', 't[a]', 't.x', '(t[a + 1])'} do
  for _, second in ipairs(operators) do
    for _, form in ipairs {'(@) %s c', 'c %s (@)', '(@) %s 7', '7 %s (@)', '(@) %s c - 1', '5 - (c %s (@))'} do
      bodies[#bodies + 1] = {'return ' .. (form:format(second)), made}
    end
  end
  for _, form in ipairs {'return (@) < c', 'return c < (@)', 'return (@) <= 2', 'return 2 <= (@)', 'return not ((@) < c)',
                         'if (@) <= c then return 1 end return 2', 'if not (c <= (@)) then return 1 end return 2',
                         'return t[@]', 'return (t[@])', 'local x = @ return x', 'local x = @ x = x + x return x',
                         'local x = (c and @ or c) + 1 return x', 'local x = c == 3 and (@) or c return x * 2',
                         'local x = c for i = 1, 3 do x = (@) + x * 2 - i end return x'} do
    bodies[#bodies + 1] = {form, made}
  end
end
for _, body in ipairs(bodies) do
  local head = 'local a, b, c, t = ... '
  local chained = assert(loadstring(head .. body[1]:gsub('@', (body[2]:gsub('%%', '%%%%')))))
  local plain = assert(loadstring(head .. body[1]:gsub('@', (('same(' .. body[2] .. ')'):gsub('%%', '%%%%')))))
  for _, a in ipairs(lefts) do
    for _, b in ipairs(values) do
      for _, c in ipairs(rights) do
        local t = b == 3 and {10, '20', 30, [0.5] = 'half', x = 7} or b == 0 and {x = object} or b == -2 and object or {[3] = 0 / 0}
        local one, two = text(pcall(chained, a, b, c, t)), text(pcall(plain, a, b, c, t))
        compared = compared + 1
        if one ~= two and not (one:find 'value' and two:find 'value') then
          wrong = wrong + 1
          if wrong < 5 then print(body[1], body[2], a, b, c, one, two) end
        end
      end
    end
  end
end
print(wrong .. ' ' .. tostring(compared == 25344)) -- expect: 0 true

-- A jump to the second instruction: it reads the register.
local function jumps(a, b, flag)
  local x = flag and a or b
  x = x + 1
  return x * (flag and a - 1 or b)
end
print(jumps(5, 9, true) .. ' ' .. jumps(5, 9, false)) -- expect: 24 90
-- In a loop the instruction before the second is another one the second time.
local function loops(n)
  local x, y = 1, 0
  repeat
    y = x * 3
    x = y + x
    n = n - 1
  until n < 0
  return x, y
end
print(table.concat({loops(4)}, ' ')) -- expect: 1024 768
