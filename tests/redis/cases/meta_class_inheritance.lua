local Animal = {} Animal.__index = Animal
function Animal.new(name) return setmetatable({ name = name }, Animal) end
function Animal:speak() return self.name .. ' makes a sound' end
local Dog = setmetatable({}, { __index = Animal }) Dog.__index = Dog
function Dog.new(name) local d = Animal.new(name) return setmetatable(d, Dog) end
function Dog:speak() return Animal.speak(self) .. ': woof' end
function Dog:wag() return self.name .. ' wags' end
local d, a = Dog.new('Rex'), Animal.new('Cat')
return { d:speak(), d:wag(), a:speak(), tostring(a.wag) }
