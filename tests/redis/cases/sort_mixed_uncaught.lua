table.sort({ 3, 'x', 2 })
