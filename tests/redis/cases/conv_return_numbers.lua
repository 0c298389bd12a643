-- every number is cut towards zero to an integer
return { 0, 1, -1, 3.99, -3.99, 1e15, 2^53, -2^53, 0.1, -0.1, 1e18, 123456789012345678 }
