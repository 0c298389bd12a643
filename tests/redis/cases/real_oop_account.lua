local Account = {} Account.__index = Account
function Account.open(key) return setmetatable({ key = key }, Account) end
function Account:balance() return tonumber(redis.call('GET', self.key) or '0') end
function Account:deposit(n) if n <= 0 then error({ err = 'BADAMOUNT ' .. n }) end return redis.call('INCRBY', self.key, n) end
local a = Account.open('acc')
a:deposit(50)
local ok, e = pcall(a.deposit, a, -5)
return { a:balance(), tostring(ok), e }
