local out = {}
local function try(src) local f, e = pcall(loadstring(src, '=c')) out[#out + 1] = tostring(e) end
try('\n\nerror("l3")') try('local t\n\nt.x\n=\n5') try('local a = 1 +\n2 +\nnil') try('error(\n"x"\n)') try('local s = [[\n\n\n]] error("five")') try('local f = nil\nf\n(\n1\n)') try('local t = {}\nt.a.b\n.c()') try('for i = 1,\n"x" do\nend') try('local t = {}\nreturn t.x\n..\n"a"') try('return 1 <\n{}') try('local a = function()\nerror("in")\nend\na()') try('if\nnil + 1\nthen end') try('while\nnil .. "x"\ndo end') try('return\n#nil') try('return -\n{}') try('local t = setmetatable({}, {__index = function() error("meta") end})\nreturn\nt.x') try('--[[\n\n]] error("three")') try('\r\n\r\nerror("crlf")')
return out
