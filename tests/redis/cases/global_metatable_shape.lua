local t = {}
for k, v in pairs(getmetatable(_G)) do t[#t + 1] = k .. ' ' .. type(v) end
return t
