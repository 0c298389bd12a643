-- substrings.lua - palindromes, common prefixes, edit windows: string.sub of short and long pieces
local function run()
  local function is_palindrome(s)
    for i = 1, #s / 2 do if s:sub(i, i) ~= s:sub(-i, -i) then return false end end
    return true
  end
  local function longest(s)
    local best = ''
    for i = 1, #s do
      for k = i + #best, math.min(#s, i + 24) do
        local piece = s:sub(i, k)
        if piece == piece:reverse() and #piece > #best then best = piece end
      end
    end
    return best
  end
  local function common(a, b)
    local n = 0
    while n < #a and a:sub(n + 1, n + 1) == b:sub(n + 1, n + 1) do n = n + 1 end
    return n
  end
  local n = 0
  for i = 1, 60000 do if is_palindrome(tostring(i)) then n = n + 1 end end
  local text = ('abacabadabacabaeabacabadabacaba'):rep(3)
  for i = 1, 30 do n = n + #longest(text .. i) end
  for i = 1, 5000 do n = n + common('prefix:' .. i, 'prefix:' .. i + 7) end
  print(n)
end
for _ = 1, 5 do run() end
