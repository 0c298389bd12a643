-- padding.lua - columns of text padded, centred, wrapped and ruled with string.rep
local function run()
  local function pad(s, n) return s .. (' '):rep(n - #s) end
  local function right(s, n) return (' '):rep(n - #s) .. s end
  local function centre(s, n)
    local left = math.floor((n - #s) / 2)
    return (' '):rep(left) .. s .. (' '):rep(n - #s - left)
  end
  local function wrap(text, width)
    local lines, line = {}, ''
    for word in text:gmatch('%S+') do
      if #line + #word + 1 > width and #line > 0 then
        lines[#lines + 1] = line
        line = word
      else
        line = #line > 0 and line .. ' ' .. word or word
      end
    end
    lines[#lines + 1] = line
    return lines
  end
  local text = ('the quick brown fox jumps over the lazy dog '):rep(6)
  local n = 0
  for i = 1, 1500 do
    local rows = { '+' .. ('-'):rep(30) .. '+' }
    rows[#rows + 1] = '|' .. pad('name ' .. i, 10) .. right(tostring(i * 3), 10) .. centre('mid', 10) .. '|'
    for _, line in ipairs(wrap(text, 30)) do rows[#rows + 1] = '|' .. pad(line, 30) .. '|' end
    n = n + #table.concat(rows, '\n')
  end
  print(n)
end
for _ = 1, 7 do run() end
