-- Files of the full profile live in memory.
local name = os.tmpname()
local f = assert(io.open(name, 'w'))
print(io.type(f), type(f), io.type(1))                          -- expect: file	userdata	nil
print(f:write('one\n', 2, '\n0x10 -3e2 rest'))                  -- expect: true
print(f:seek('cur'), f:seek('set', 4), f:write('T'), f:seek('end')) -- expect: 20	4	true	20
print(f:close(), tostring(f), pcall(f.write, f, 'x'))           -- expect: true	file (closed)	false	attempt to use a closed file
for line in io.lines(name) do io.write('[', line, ']') end print() -- expect: [one][T][0x10 -3e2 rest]
f = io.open(name)
print(f:read('*l', 1, '*n', '*n', '*n'))                        -- expect: one	T	16	-300	nil
print(f:read('*a'), f:read('*a'), f:read('*l'), f:read(0))      -- expect: rest		nil	nil
print(f:write('x'))                                             -- expect: nil	Bad file descriptor	9
f:close()
print(os.rename(name, name .. 'b'), (select(2, io.open(name))):gsub('^[^:]*', 'NAME')) -- expect: true	NAME: No such file or directory	1
print(os.remove(name .. 'b'), (os.remove(name .. 'b')))         -- expect: true	nil
print(pcall(f.read))                                            -- expect: false	bad argument #1 to '?' (FILE* expected, got no value)
print((select(2, pcall(function() f.read(3) end)):gsub('^.*:%d+: ', ''))) -- expect: bad argument #1 to 'read' (FILE* expected, got number)
print(os.date('!%Y-%m-%d %H:%M:%S %j %V', 951782400))           -- expect: 2000-02-29 00:00:00 060 09
print(os.date('!*t', 0).year, os.time{ year = 2000, month = 1, day = 1, hour = 0 } % 60) -- expect: 1970	0
