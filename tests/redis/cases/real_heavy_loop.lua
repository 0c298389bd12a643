local x, s = 1, 0
for i = 1, 200000 do x = (x * 16807) % 2147483647 s = (s + x) % 1000003 end
return { x, s }
