-- account_ledger.lua - transfers between accounts, refused ones undone by pcall and error tables
local function run()
  local accounts = {}
  for i = 1, 100 do accounts[i] = { id = i, balance = 1000, log = {} } end
  local function transfer(from, to, amount)
    if from.balance < amount then error({ code = 'POOR', from = from.id }) end
    from.balance = from.balance - amount
    to.balance = to.balance + amount
    from.log[#from.log + 1] = -amount
    to.log[#to.log + 1] = amount
  end
  local refused, seed = 0, 1
  for i = 1, 200000 do
    seed = (seed * 16807) % 2147483647
    local a, b, n = accounts[seed % 100 + 1], accounts[seed % 97 + 1], seed % 700
    local ok, problem = pcall(transfer, a, b, n)
    if not ok then refused = refused + (problem.code == 'POOR' and problem.from == a.id and 1 or 100) end
  end
  local sum, entries = 0, 0
  for _, a in ipairs(accounts) do sum = sum + a.balance entries = entries + #a.log end
  print(sum, entries, refused)
end
for _ = 1, 2 do run() end
