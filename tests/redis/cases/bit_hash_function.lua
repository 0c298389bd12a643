local function fnv(s) local h = 2166136261 for i = 1, #s do h = bit.bxor(h, s:byte(i)) h = bit.tobit(h + bit.lshift(h, 1) + bit.lshift(h, 4) + bit.lshift(h, 7) + bit.lshift(h, 8) + bit.lshift(h, 24)) end return bit.tohex(h) end
return { fnv(''), fnv('a'), fnv('foobar'), fnv(('x'):rep(100)) }
