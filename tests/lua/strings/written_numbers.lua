-- Whole numbers as text: each number of digits, and both sides of where another way of writing begins.
local out = {}
for _, n in ipairs {0, 9, 10, 99, 100, 999, 1000, 9999, 10000, 10001, 99999, 100000, 999999, 1000000, 9999999, 10000000, 99999999} do out[#out + 1] = n .. '' end
print(table.concat(out, ' ')) -- expect: 0 9 10 99 100 999 1000 9999 10000 10001 99999 100000 999999 1000000 9999999 10000000 99999999
print(100000000, 100000001, 12345678901234, 99999999999999, 1e14, 123456789012345678) -- expect: 100000000	100000001	12345678901234	99999999999999	1e+14	1.2345678901235e+17
print(-1, -10000, -99999999, -100000000, 0.5, 99999999.5, 1 / 3) -- expect: -1	-10000	-99999999	-100000000	0.5	99999999.5	0.33333333333333
local sum = 0
for n = 0, 20000, 7 do if tonumber(tostring(n)) ~= n or #tostring(n) ~= #string.format('%d', n) then sum = sum + 1 end end
for k = 0, 13 do for d = -1, 1 do local n = 10 ^ k + d if tonumber(n .. '') ~= n then sum = sum + 1 end end end
print(sum) -- expect: 0

-- string.char of one byte, and of what only looks like one.
print(string.char(65), string.char(65.9), string.char('66'), string.char(), #string.char(0), string.char(0 * -1) == '\0') -- expect: A	A	B		1	true
print((pcall(string.char, -1)), (pcall(string.char, 0 / 0)), (select(2, pcall(string.char, 256)):gsub("'.-'", 'it'))) -- expect: false	true	bad argument #1 to it (invalid value)

-- What stands between conversions: nothing, little, more than is looked at at once, a % at each end.
local long = ('x'):rep(30)
print(('%s'):format('a'), ('%%'):format(), ('%%%d%%'):format(7), ('a%sb%sc'):format(1, 2)) -- expect: a	%	%7%	a1b2c
for _, n in ipairs {22, 23, 24, 25, 26, 600} do
  local f = ('x'):rep(n)
  local made = (f .. '%d' .. f .. '%5s' .. f):format(12, 'ab')
  if made ~= f .. '12' .. f .. '   ab' .. f then print(n, made) end
end
print(#(long .. '%s' .. long .. '%-99s|'):format(('y'):rep(500), 'z'), #('%99d%99d%99d%99d%99d%99d'):format(1, 2, 3, 4, 5, 6)) -- expect: 660	594
