local out = {}
for _, c in ipairs{ 'a', 'c', 'd', 'l', 'p', 's', 'u', 'w', 'x', 'z', 'A', 'D', 'S', 'W', 'P' } do
  local n, sum = 0, 0
  for b = 0, 255 do if string.char(b):find('%' .. c) then n = n + 1 sum = sum + b * (n % 7 + 1) end end
  out[#out + 1] = c .. ' ' .. n .. ' ' .. sum
end
for _, set in ipairs{ '[%w_]', '[^%w_]', '[a-zA-Z0-9]', '[%-%]]', '[]%-]', '[a-]', '[%a-z]', '[^%s]', '[\1-\31]', '[\128-\255]', '[z-a]', '[%d%p]' } do
  local n, sum = 0, 0
  for b = 1, 255 do if string.char(b):find(set) then n = n + 1 sum = sum + b end end
  out[#out + 1] = set .. ' ' .. n .. ' ' .. sum
end
return out
