return { err = 5, 'kept' }
