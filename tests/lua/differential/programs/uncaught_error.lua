-- uncaught_error.lua - output before the error, then the error itself
print('first')
local account = { balance = 10 }
local function withdraw(a, n)
  if n > a.balance then error('insufficient funds: ' .. a.balance .. ' < ' .. n) end
  a.balance = a.balance - n
end
print(pcall(withdraw, account, 5), account.balance)
withdraw(account, 50)
print('never')
