local f
for i = 1, 10 do local k = i * 2 f = function() k = k + 1 return k end if i == 4 then break end end
return { f(), f() }
