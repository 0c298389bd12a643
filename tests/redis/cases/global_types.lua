local out = {}
for _, k in ipairs{ 'xpcall', 'tostring', 'setmetatable', 'next', 'assert', 'tonumber', 'rawequal', 'collectgarbage', 'getmetatable', 'rawset', 'pcall', 'coroutine', 'type', '_G', 'select', 'unpack', 'gcinfo', 'pairs', 'rawget', 'loadstring', 'ipairs', '_VERSION', 'load', 'error', 'string', 'table', 'math', 'cjson', 'bit', 'redis' } do out[#out + 1] = k .. ' ' .. type(_G[k]) end
return out
