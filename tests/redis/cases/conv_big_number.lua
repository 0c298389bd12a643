return { { big_number = '123456789012345678901234567890' }, { big_number = '-5' }, { big_number = 'not\r\nchecked' }, { big_number = 5 } }
