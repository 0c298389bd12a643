rawset(_G, 'a', 1)
