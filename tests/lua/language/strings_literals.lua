print('a\'b', "a\"b", 'a\\b', 'a\tb')                        -- expect: a'b	a"b	a\b	a	b
print('\65\066\0677', '\x41', '\z')                          -- expect: ABC7	x41	z
print(#'\0\0', #'\n')                                        -- expect: 2	1
local continued = 'a\
b'
print(#continued)                                            -- expect: 3
local long = [[
first newline dropped]]
print([[raw \n]], [==[ ]] ]==], #long)                       -- expect: raw \n	 ]] 	21
print("it's", 'say "hi"')                                    -- expect: it's	say "hi"
long = [[a
b]]
print(#long, [[]], '' == "")                                 -- expect: 3		true
