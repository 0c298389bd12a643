local out = {}
for w in ('one two three'):gmatch('%a+') do out[#out + 1] = w end
for k, v in ('a=1, b=2, c=3'):gmatch('(%w+)=(%w+)') do out[#out + 1] = k .. v end
for p in ('abc'):gmatch('()') do out[#out + 1] = p end
for p in ('abc'):gmatch('') do out[#out + 1] = 'e' .. p end
for p in ('aXbXc'):gmatch('[^X]*') do out[#out + 1] = '<' .. p .. '>' end
for p in ('hello'):gmatch('^h') do out[#out + 1] = 'anchor ' .. p end
for a in ('f(a,b) g(c)'):gmatch('%b()') do out[#out + 1] = a end
for w in string.gfind('x y', '%a') do out[#out + 1] = w end
local ok, e = pcall(string.gmatch, 'a') out[#out + 1] = e
return out
