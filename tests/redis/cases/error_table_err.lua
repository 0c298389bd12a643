error({ err = 'MYERR from a table' })
