-- deep_nesting.lua - expressions, blocks and tables nested deeply; long chains of fields and calls
local function run()
  local root = {}
  local node = root
  for i = 1, 12 do node.next = { value = i } node = node.next end
  local object = { n = 0 }
  function object:add(n) self.n = self.n + n return self end
  local sum = 0
  for i = 1, 50000 do
    sum = sum + root.next.next.next.next.next.next.next.next.next.next.value
    object:add(1):add(2):add(3):add(4):add(5):add(6)
    local x = ((((((i + 1) * 2 - 3) % 7 + 4) * 5 - 6) % 11 + 7) * 8) % 13
    do local a = x do local b = a + 1 do local c = b + 1 if c > 3 then if c > 6 then if c > 9 then sum = sum + c else sum = sum + b end else sum = sum + a end end end end end
  end
  print(sum, object.n)
end
for _ = 1, 7 do run() end
