local function loop(n) if n == 0 then return 'end' end return loop(n - 1) end
print(loop(100000))                                          -- expect: end
local even, odd
function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end
print(even(100001))                                          -- expect: false
local function id(...) return ... end
local function chain(n, ...) if n == 0 then return ... end return chain(n - 1, ...) end
print(chain(10, 1, nil, 3))                                  -- expect: 1	nil	3
print(select('#', chain(5, nil, nil)))                       -- expect: 2
local t = setmetatable({}, { __call = function(self, n) if n == 0 then return 'called' end return self(n - 1) end })
print(t(50))                                                 -- expect: called
print((id(1, 2, 3)))                                         -- expect: 1
