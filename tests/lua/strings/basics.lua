print(('abc'):len(), #'', #'\0a')                            -- expect: 3	0	2
print(('hello'):sub(2, 4), ('hello'):sub(-3), ('hello'):sub(2, -2), ('hello'):sub(0), ('hello'):sub(4, 2) .. '|') -- expect: ell	llo	ell	hello	|
print(('abc'):byte(), ('abc'):byte(2, 3), ('abc'):byte(10))  -- expect: 97	98
print(string.char(72, 105), string.char() == '')             -- expect: Hi	true
print(('abc'):rep(3), ('x'):rep(0) == '', ('x'):rep(-1) == '') -- expect: abcabcabc	true	true
print(('Hello'):upper(), ('Hello'):lower(), ('abc'):reverse()) -- expect: HELLO	hello	cba
print(('a'):rep(5):len(), ('ab' .. 'cd'):upper())            -- expect: 5	ABCD
print(tostring(12):len(), (5 .. ''):rep(2))                  -- expect: 2	55
print(pcall(string.char, 256))                               -- expect: false	bad argument #1 to '?' (invalid value)
print(pcall(string.char, -1))                                -- expect: false	bad argument #1 to '?' (invalid value)
print(pcall(string.sub))                                     -- expect: false	bad argument #1 to '?' (string expected, got no value)
print(pcall(string.upper))                                   -- expect: false	bad argument #1 to '?' (string expected, got no value)
print(('x'):byte(-1), ('xyz'):byte(-2))                      -- expect: 120	121
print(#string.rep('abc', 1000), string.rep('ab', 3))         -- expect: 3000	ababab
print(('%d'):rep(2):format(1, 2))                            -- expect: 12
print(tonumber('10'), tonumber('0x10'), tonumber('z', 36), tonumber('1e1'), tonumber(''), tonumber('1 2'), tonumber('  7  ')) -- expect: 10	16	35	10	nil	nil	7
print(tonumber('11', 2), tonumber('ff', 16), tonumber('8', 8), tonumber('-ff', 16)) -- expect: 3	255	nil	1.844674407371e+19
print(pcall(tonumber, '1', 1))                               -- expect: false	bad argument #2 to '?' (base out of range)
print(pcall(tonumber))                                       -- expect: false	bad argument #1 to '?' (value expected)
print(string.gfind == nil or string.gfind == string.gmatch, type(string.gfind)) -- expect: true	function
print(string.dump(function() end):sub(1, 12):byte(1, -1))       -- expect: 27	76	117	97	81	0	1	4	8	4	8	0
