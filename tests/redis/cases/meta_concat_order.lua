local log = {}
local mt = { __concat = function(a, b) local s = (type(a) == 'table' and 'T' or a) .. '|' .. (type(b) == 'table' and 'T' or b) log[#log + 1] = s return s end }
local t = setmetatable({}, mt)
local r = 'a' .. 'b' .. t .. 'c' .. 'd'
return { r, log }
