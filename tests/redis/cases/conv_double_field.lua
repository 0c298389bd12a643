return { { double = 0.1 }, { double = 3 }, { double = 1e100 }, { double = -0 }, { double = 1/0 }, { double = -1/0 }, { double = 2^53 + 2 }, { double = 1e-7 }, { double = 123456.789 } }
