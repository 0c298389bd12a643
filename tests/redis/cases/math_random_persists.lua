-- fresh
-- runs: 3
return { string.format('%.17g', math.random()), math.random(100) }
