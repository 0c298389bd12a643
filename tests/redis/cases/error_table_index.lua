error(setmetatable({}, { __index = { err = 'INDEXED error' } }))
