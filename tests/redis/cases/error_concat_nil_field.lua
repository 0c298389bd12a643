local t = {}
return 'a' .. t.name .. 'b'
