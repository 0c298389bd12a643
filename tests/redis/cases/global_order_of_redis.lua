local names = {}
for k in pairs(redis) do names[#names + 1] = k end
return names
