return { set = { a = true, b = true, c = false, [1] = 1, [2.5] = 'x' } }
