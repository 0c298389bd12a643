-- fresh
-- two draws of one run: the second goes on where the first stopped
local first = math.random()
return { string.format('%.17g', first), math.random(100), string.format('%.17g', math.random()), math.random(-2^31, 2^31 - 1), math.random(0, 2^31 - 1) }
