print(('hello world'):find('o'), ('hello world'):find('o', 6)) -- expect: 5	8	8
print(('hello'):find(''), ('hello'):find('', 6), ('hello'):find('', 7)) -- expect: 1	6	6	5
print(('a.b'):find('.', 1, true), ('a.b'):find('%.'))        -- expect: 2	2	2
print(('hello'):find('l+'), ('hello'):find('(l)(l)'))        -- expect: 3	3	4	l	l
print(('hello'):match('h(.*)o'), ('hello'):match('()ll()'))  -- expect: ell	3	5
print(('  trim me  '):match('^%s*(.-)%s*$') .. '|')          -- expect: trim me|
print(('key=value'):match('^(%w+)=(%w*)$'))                  -- expect: key	value
print(('2024-05-06'):match('(%d+)-(%d+)-(%d+)'))             -- expect: 2024	05	06
print(('f(a(b)c)d'):match('%b()'), ('THE (quick) fox'):find('%((%a+)%)')) -- expect: (a(b)c)	5	11	quick
print(('THE (quick) fox'):gsub('%f[%a]%a', string.lower))    -- expect: tHE (quick) fox	3
print(('aaa'):match('a-'), ('aaa'):match('a-$'), ('aaab'):match('a*b')) -- expect: 	aaa	aaab
print(('abcabc'):match('(abc)%1'), ('"x"'):match('(["\'])x%1')) -- expect: abc	"
print(('x'):match('y'), ('x'):find('y'))                     -- expect: nil	nil
print(('abc'):find('b', -2), ('abc'):find('b', -1), ('abc'):find('a', 10)) -- expect: 2	nil	nil
print(('a\0b'):find('\0'), #('a\0b'):match('%z'))            -- expect: 2	1
print(('[test]'):match('%[(.-)%]'), ('a-b'):match('[%-]'), ('a]b'):match('[]]')) -- expect: test	-	]
print(('0x1F'):match('^0[xX](%x+)$'), ('abc123'):match('%a+'), ('abc123'):match('%d+$')) -- expect: 1F	abc	123
print(pcall(string.find, 'a', '[a'))                         -- expect: false	malformed pattern (missing ']')
print(pcall(string.find, 'a', '(a'))                         -- expect: false	unfinished capture
print(pcall(string.find, 'a', '%'))                          -- expect: false	malformed pattern (ends with '%')
print(pcall(string.find, 'a', '%1'))                         -- expect: false	invalid capture index
print(pcall(string.rep))                                     -- expect: false	bad argument #1 to '?' (string expected, got no value)
