-- calculator.lua - a lexer, a Pratt parser and a tree walker
local function lex(s)
  local out, i = {}, 1
  while i <= #s do
    local space = s:match('^%s+', i)
    local number = s:match('^%d+%.?%d*', i)
    local name = s:match('^%a+', i)
    if space then i = i + #space
    elseif number then out[#out + 1] = { 'num', tonumber(number) } i = i + #number
    elseif name then out[#out + 1] = { 'name', name } i = i + #name
    else out[#out + 1] = { s:sub(i, i) } i = i + 1 end
  end
  out[#out + 1] = { 'end' }
  return out
end
local power = { ['+'] = 1, ['-'] = 1, ['*'] = 2, ['/'] = 2, ['^'] = 4 }
local function parse(tokens)
  local at = 1
  local expr
  local function prefix()
    local t = tokens[at]
    at = at + 1
    if t[1] == 'num' then return t[2] end
    if t[1] == 'name' then
      if tokens[at][1] == '(' then
        at = at + 1
        local arg = expr(0)
        assert(tokens[at][1] == ')', 'expected )')
        at = at + 1
        return { 'call', t[2], arg }
      end
      return { 'var', t[2] }
    end
    if t[1] == '(' then
      local e = expr(0)
      if tokens[at][1] ~= ')' then error('expected ) but got ' .. tokens[at][1], 0) end
      at = at + 1
      return e
    end
    if t[1] == '-' then return { 'neg', expr(3) } end
    error('unexpected ' .. t[1])
  end
  function expr(min)
    local left = prefix()
    while true do
      local op = tokens[at][1]
      local p = power[op]
      if not p or p <= min then return left end
      at = at + 1
      left = { op, left, expr(op == '^' and p - 1 or p) }
    end
  end
  local e = expr(0)
  if tokens[at][1] ~= 'end' then error({ 'trailing', tokens[at][1] }) end
  return e
end
local ops = { ['+'] = function(a, b) return a + b end, ['-'] = function(a, b) return a - b end, ['*'] = function(a, b) return a * b end, ['/'] = function(a, b) return a / b end, ['^'] = function(a, b) return a ^ b end }
local function eval(e, env)
  if type(e) == 'number' then return e end
  local op = e[1]
  if op == 'var' then return env[e[2]] or error('unknown ' .. e[2]) end
  if op == 'neg' then return -eval(e[2], env) end
  if op == 'call' then return math[e[2]](eval(e[3], env)) end
  return ops[op](eval(e[2], env), eval(e[3], env))
end
for _, s in ipairs{ '1 + 2 * 3', '(1 + 2) * 3', '2 ^ 3 ^ 2', '-2 ^ 2', 'x * x - y', 'sqrt(16) + floor(2.7)', '10 / 4 / 5', '1 +', '(1', '1 2', 'z', 'nope(1)', '2 * (3 + (4 - 1)) / 3' } do
  local ok, v = pcall(function() return eval(parse(lex(s)), { x = 5, y = 1 }) end)
  print(s, ok, type(v) == 'table' and table.concat(v, ':') or v)
end
