error({ err = 'ALONE' })
