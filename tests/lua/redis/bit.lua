-- redis-only
print(bit.band(0xff, 0x0f), bit.bor(1, 2, 4), bit.bxor(5, 1), bit.bnot(0)) -- expect: 15	7	4	-1
print(bit.lshift(1, 31), bit.rshift(-1, 28), bit.arshift(-256, 4), bit.lshift(1, 32)) -- expect: -2147483648	15	-16	1
print(bit.rol(0x12345678, 8), bit.ror(0x12345678, 8), bit.bswap(0x12345678)) -- expect: 878082066	2014458966	2018915346
print(bit.tohex(255), bit.tohex(255, 4), bit.tohex(255, -4), bit.tohex(1, -2147483648)) -- expect: 000000ff	00ff	00FF	00000001
print(bit.tobit(2 ^ 31), bit.tobit(2 ^ 32 + 5), bit.tobit(2.5), bit.tobit(-1.5), bit.tobit(1e20)) -- expect: -2147483648	5	2	-2	2025163840
print(pcall(bit.band))                                       -- expect: false	bad argument #1 to '?' (number expected, got no value)
print(pcall(bit.bor, 'x'))                                   -- expect: false	bad argument #1 to '?' (number expected, got string)
