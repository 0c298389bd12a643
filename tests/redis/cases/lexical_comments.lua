--[[ block ]] local a = 1 -- line
--[==[ long
]] still ]==] local b = 2 --
---[[ not a block
local c = 3
--]]
return { a, b, c } --[[ end ]]
