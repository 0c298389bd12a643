-- string_keys.lua - keys made of parts, read, changed and removed; strings as switches and as sets
local function run()
  local stock, seed = {}, 9
  local names, kinds = { 'apple', 'pear', 'plum', 'fig', 'lime' }, { 'small', 'large' }
  local sum = 0
  for i = 1, 90000 do
    seed = (seed * 16807) % 2147483647
    local key = names[seed % 5 + 1] .. '/' .. kinds[seed % 2 + 1] .. '/' .. seed % 30
    local n = stock[key]
    if n == nil then stock[key] = 1
    elseif n > 20 then
      stock[key] = nil
      sum = sum + n
    else stock[key] = n + 1 end
  end
  local keys = 0
  for k, n in pairs(stock) do
    keys = keys + 1
    sum = sum + n + #k
  end
  print(sum, keys)
end
for _ = 1, 7 do run() end
