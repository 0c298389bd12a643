-- gsub_functions.lua - gsub with functions, tables, captures and limits as replacements
local function run()
  local text = ('Hello $name, you are $age years old and owe $amount {eur}. '):rep(20)
  local values = { name = 'Ann', age = 42, amount = '12.50' }
  local function upper(c) return c:upper() end
  local n = 0
  for i = 1, 300 do
    local a = text:gsub('%$(%w+)', values)
    local b, count = a:gsub('(%a)(%a*)', function(first, rest) return first:upper() .. rest end)
    local c = b:gsub('%s+', ' ')
    local d = c:gsub('{(%w+)}', upper)
    local e = d:gsub('o', '0', 5)
    n = n + #e + count
  end
  print(n)
end
for _ = 1, 6 do run() end
