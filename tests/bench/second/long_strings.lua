-- long_strings.lua - long strings made by rep, reversed, cut, compared and searched
local function run()
  local n = 0
  for i = 1, 150 do
    local s = ('abcdefghij'):rep(500 + i)
    local r = s:reverse()
    if r < s then n = n + 1 end
    if r:reverse() == s then n = n + 1 end
    n = n + #s:upper() + (s:find('j', 1, true) or 0) + select(2, s:gsub('e', 'E'))
    if s .. 'x' > s .. 'w' then n = n + 1 end
    for at = 1, #s, 500 do n = n + #s:sub(at, at + 99) end
  end
  print(n)
end
for _ = 1, 16 do run() end
