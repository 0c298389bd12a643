error({ err = '' })
