-- expression_parser.lua - precedence climbing over tokens of string.find, evaluated through a tree
local function run()
  local function tokens(text)
    local list, at = {}, 1
    while true do
      at = text:find('%S', at)
      if not at then break end
      local from, to, number = text:find('^(%d+%.?%d*)', at)
      if from then list[#list + 1] = tonumber(number)
      else
        to = at
        list[#list + 1] = text:sub(at, at)
      end
      at = to + 1
    end
    return list
  end
  local power = { ['+'] = 1, ['-'] = 1, ['*'] = 2, ['/'] = 2, ['^'] = 3 }
  local parse
  local function primary(list, at)
    local t = list[at]
    if t == '(' then
      local tree, next_at = parse(list, at + 1, 1)
      return tree, next_at + 1
    end
    return t, at + 1
  end
  function parse(list, at, least)
    local left
    left, at = primary(list, at)
    while power[list[at]] and power[list[at]] >= least do
      local op, right = list[at], nil
      right, at = parse(list, at + 1, op == '^' and power[op] or power[op] + 1)
      left = { op = op, left = left, right = right }
    end
    return left, at
  end
  local function evaluate(tree)
    if type(tree) == 'number' then return tree end
    local a, b = evaluate(tree.left), evaluate(tree.right)
    local op = tree.op
    if op == '+' then return a + b elseif op == '-' then return a - b elseif op == '*' then return a * b
    elseif op == '/' then return a / b else return a ^ b end
  end
  local sum = 0
  for i = 1, 3000 do
    sum = sum + evaluate((parse(tokens('(' .. i .. ' + 4) * 3.5 - 12 / (2 + 2 ^ 2) ^ 1 * ( 7 - 3 )'), 1, 1)))
  end
  print(('%.6f'):format(sum))
end
for _ = 1, 4 do run() end
