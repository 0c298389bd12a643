return { err = '' }
