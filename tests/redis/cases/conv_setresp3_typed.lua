redis.setresp(3)
return { { double = 1.5 }, { map = { a = true } }, { set = { x = true } }, { big_number = '77' }, true }
