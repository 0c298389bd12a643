-- csv_columns.lua - a table of comma-separated text: split by find, summed by column, written again
local function run()
  local lines = { 'id,name,amount,city' }
  for i = 1, 600 do lines[#lines + 1] = ('%d,name %d,%d.%02d,%s'):format(i, i, i * 13 % 997, i % 100, i % 2 == 0 and 'Bonn' or 'Kiel') end
  local text = table.concat(lines, '\n') .. '\n'
  local function split(line, separator)
    local parts, from = {}, 1
    while true do
      local at = line:find(separator, from, true)
      if not at then break end
      parts[#parts + 1] = line:sub(from, at - 1)
      from = at + 1
    end
    parts[#parts + 1] = line:sub(from)
    return parts
  end
  local total, size = 0, 0
  for round = 1, 25 do
    local head, sums, out = nil, {}, {}
    for line in text:gmatch('([^\n]*)\n') do
      local row = split(line, ',')
      if not head then head = row
      else
        sums[row[4]] = (sums[row[4]] or 0) + tonumber(row[3])
        out[#out + 1] = row[1] .. ';' .. row[4]
      end
    end
    total = total + sums.Bonn - sums.Kiel
    size = size + #table.concat(out, '\n')
  end
  print(('%.2f'):format(total), size)
end
for _ = 1, 6 do run() end
