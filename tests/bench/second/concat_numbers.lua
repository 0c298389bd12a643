-- concat_numbers.lua - lines built from numbers and strings with the concatenation operator
local function run()
  local n = 0
  for i = 1, 90000 do
    local line = i .. ',' .. i * 2 .. ',' .. i / 4 .. ';' .. (i % 2 == 0 and 'even' or 'odd') .. '\n'
    n = n + #line
    local key = 'user:' .. i % 1000 .. ':' .. 'field'
    n = n + #key
  end
  print(n)
end
for _ = 1, 2 do run() end
