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
