-- brackets.lua - checks and prints nested brackets by byte, and by %b
local function run()
  local kinds = { [40] = 41, [91] = 93, [123] = 125 }
  local function is_balanced(text)
    local stack, n = {}, 0
    for i = 1, #text do
      local c = text:byte(i)
      if kinds[c] then
        n = n + 1
        stack[n] = kinds[c]
      elseif c == 41 or c == 93 or c == 125 then
        if stack[n] ~= c then return false end
        stack[n] = nil
        n = n - 1
      end
    end
    return n == 0
  end
  local text = ('(a[b{c}d]e)'):rep(40)
  local count, found = 0, 0
  for i = 1, 400 do
    if is_balanced(text .. ('('):rep(i % 3)) then count = count + 1 end
    for inside in text:gmatch('%b()') do found = found + #inside end
  end
  print(count, found)
end
for _ = 1, 10 do run() end
