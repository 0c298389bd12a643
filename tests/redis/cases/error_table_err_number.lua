error({ err = 5 })
