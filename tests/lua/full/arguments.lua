-- The command line of a script.
-- args: one "two words" 3
print(arg[0]:match('[%w_]+%.lua$'), #arg, arg[2])               -- expect: arguments.lua	3	two words
print(select('#', ...), ...)                                    -- expect: 3	one	two words	3
