return { err = 'ALONE' }
