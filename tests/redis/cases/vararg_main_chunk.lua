-- args: x y
local t = { ... }
return { select('#', ...), #t, #ARGV }
