return { tostring(rawget(_G, 'nope')), type(rawget(_G, 'redis')) }
