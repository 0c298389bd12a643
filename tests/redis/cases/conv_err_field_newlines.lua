return { err = 'LINES one\r\ntwo\nthree' }
