local function all(s, p) local o = {} for a, b in s:gmatch(p) do o[#o + 1] = b and (a .. '/' .. b) or tostring(a) end return table.concat(o, ' ') end
print(all('one two', '%a+'))                                 -- expect: one two
print(all('a=1,b=2', '(%w)=(%w)'))                           -- expect: a/1 b/2
print(all('abc', '()'))                                      -- expect: 1 2 3 4
print(all('abc', ''))                                        -- expect:    
print(all('xaxbx', 'x*'))                                    -- expect: x  x  x 
print(all('', '.'))                                          -- expect:
print(all('k1 k2', 'k(%d)'))                                 -- expect: 1 2
print(all('aaa', 'a-'))                                      -- expect:    
local it = ('a b'):gmatch('%a')
print(it(), it(), it())                                      -- expect: a	b
