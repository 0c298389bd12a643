return {
  { err = 'E first', ok = 'O', double = 1 },
  { ok = 'O', double = 1 },
  { double = 1, map = {} , big_number = '3' },
  { big_number = '3', map = { a = 1 } },
  { map = { a = 1 }, set = { b = 1 } },
  { set = { b = 1 }, 'x' },
}
