return { 1, { err = 'INNER broken' }, { err = '-dash first' }, 2 }
