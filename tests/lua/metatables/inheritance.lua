local Base = {} Base.__index = Base
function Base.new(n) local o = setmetatable({}, Base) o.name = n return o end
function Base:hello() return 'hello ' .. self.name end
function Base:kind() return 'base' end
local Derived = setmetatable({}, { __index = Base, __call = function(c, n) return c.new(n) end })
Derived.__index = Derived
function Derived.new(n) return setmetatable(Base.new(n), Derived) end
function Derived:kind() return 'derived of ' .. Base.kind(self) end
local d = Derived('d')
print(d:hello(), d:kind())                                   -- expect: hello d	derived of base
print(Base.new('b'):kind())                                  -- expect: base
function Base:late() return 'late ' .. self.name end
print(d:late())                                              -- expect: late d
Derived.hello = function(self) return 'bye ' .. self.name end
print(d:hello(), Base.new('b'):hello())                      -- expect: bye d	hello b
Derived.hello = nil
print(d:hello())                                             -- expect: hello d
d.hello = function() return 'instance' end
print(d:hello())                                             -- expect: instance
print(rawget(d, 'kind'), getmetatable(d) == Derived)         -- expect: nil	true
-- the object's own field wins from the first call on, wherever the class keeps its own
local function call(x) return x:m() end
local own = setmetatable({}, { __index = { m = function() return 'class' end } })
own.m = function() return 'object' end
print(call(own))                                             -- expect: object
-- generations, each with a word in it
local A = { a = 'a', m = function() return 'A' end } A.__index = A
local B = setmetatable({ b = 'b' }, A) B.__index = B
local C = setmetatable({ c = 'c' }, B) C.__index = C
local D = setmetatable({}, C) D.__index = D
local x = setmetatable({}, D)
local function all(o) return (o.a or '-') .. (o.b or '-') .. (o.c or '-') .. (o.d or '-') .. o:m() end
for _ = 1, 2 do print(all(x)) end                            -- expect: abc-A
-- expect: abc-A
C.m, D.d = function() return 'C' end, 'd'
print(all(x))                                                -- expect: abcdC
C.m, B.b = nil, nil
print(all(x))                                                -- expect: a-cdA
setmetatable(B, { __index = function(_, key) return key == 'm' and function() return 'asked' end or key end })
print(all(x))                                                -- expect: abcdasked
setmetatable(B, nil)
print(x.a, x.c, (pcall(all, x)))                             -- expect: nil	c	false
