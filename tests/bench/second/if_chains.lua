-- if_chains.lua - long chains of comparisons with numbers and strings
local function run()
  local function grade(n)
    if n < 5 then return 'a' elseif n < 10 then return 'b' elseif n < 15 then return 'c' elseif n < 20 then return 'd'
    elseif n < 30 then return 'e' elseif n < 40 then return 'f' elseif n < 55 then return 'g' elseif n < 70 then return 'h'
    elseif n < 85 then return 'i' elseif n <= 90 then return 'j' elseif n == 95 then return 'k' else return 'l' end
  end
  local function value(c)
    if c == 'a' then return 1 elseif c == 'b' then return 2 elseif c == 'c' then return 3 elseif c == 'd' then return 4
    elseif c == 'e' then return 5 elseif c == 'f' then return 6 elseif c == 'g' then return 7 elseif c == 'h' then return 8
    elseif c == 'i' then return 9 elseif c == 'j' then return 10 elseif c == 'k' then return 11 else return 12 end
  end
  local function between(x, low, high) return x >= low and x <= high or false end
  local sum = 0
  for i = 1, 250000 do
    local n = i * 7 % 100
    sum = sum + value(grade(n))
    if between(n, 20, 60) and not between(n, 30, 40) or n == 99 then sum = sum + 1 end
  end
  print(sum)
end
for _ = 1, 4 do run() end
