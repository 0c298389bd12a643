return { nil, 2, 3 }
