-- queens.lua - backtracking over three boolean arrays
local n, solutions, checksum = 9, 0, 0
local columns, rising, falling, board = {}, {}, {}, {}
local function place(row)
  if row > n then
    solutions = solutions + 1
    for i = 1, n do checksum = (checksum * 7 + board[i]) % 99991 end
    return
  end
  for c = 1, n do
    local up, down = row + c, row - c + n
    if not (columns[c] or rising[up] or falling[down]) then
      columns[c], rising[up], falling[down] = true, true, true
      board[row] = c
      place(row + 1)
      columns[c], rising[up], falling[down] = false, false, false
    end
  end
end
for _ = 1, 60 do place(1) end
print(solutions, checksum)
