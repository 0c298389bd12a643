-- big_literals.lua - texts with large constant tables, compiled and run
local function run()
  local rows = {}
  for i = 1, 400 do
    rows[i] = ('{ id = %d, name = %q, price = %d.25, tags = { "t%d", "t%d" }, flags = { new = %s, sold = false } },')
      :format(i, 'item ' .. i, i * 3, i % 7, i % 11, tostring(i % 2 == 0))
  end
  local source = 'return {' .. table.concat(rows, '\n') .. '}'
  local sum = 0
  for round = 1, 25 do
    local list = assert(loadstring(source, '=literals'))()
    for i = 1, #list do sum = sum + list[i].price + #list[i].tags + (list[i].flags.new and 1 or 0) end
  end
  print(sum)
end
for _ = 1, 7 do run() end
