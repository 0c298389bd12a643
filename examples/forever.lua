-- forever.lua - never ends by itself, and tries to survive being stopped.
--   ferrous-sandboxctl run --limit instructions=100000 examples/forever.lua
--   ferrous-sandboxctl run --limit wall=200ms examples/forever.lua
-- A limit cannot be caught: the pcall below never returns once it is reached.
local rounds = 0
while true do
  pcall(function()
    while true do rounds = rounds + 1 end
  end)
end
