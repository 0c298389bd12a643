return { 1, 2, x = 3, 'four', [10] = 10 }
