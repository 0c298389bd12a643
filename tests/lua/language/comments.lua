print(1) -- plain                                            -- expect: 1
--[[ block ]] print(2)                                       -- expect: 2
--[==[ level ]] still
]==] print(3)                                                -- expect: 3
---[[ not a block
print(4)                                                     -- expect: 4
--]]
print(--[[ inside ]] 5)                                      -- expect: 5
--
print(6) --[[ unfinished is an error only without the end ]] -- expect: 6
