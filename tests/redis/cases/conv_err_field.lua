return { err = 'MYERR something bad' }
