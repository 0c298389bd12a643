local s = 'abc'
return { tostring(s.x), type(s.upper), tostring(s[1]), s.len(s), tostring(select(2, pcall(function() s.x = 1 end))), tostring(select(2, pcall(function() local a = s.b.c end))) }
