return { map = { a = 1, b = 2, c = { 1, 2 }, [1] = 'one', [2] = true } }
