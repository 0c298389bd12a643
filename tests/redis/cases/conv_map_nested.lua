return { { map = { k = { map = { x = 'y' } } } }, { map = 5 }, { map = 'x' } }
