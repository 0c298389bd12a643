-- rle_codec.lua - run-length coding by patterns and by bytes, LZ with a window of substrings
local function run()
  local text = ('aaaabbbccdaaaaaaaaaabcbcbcbc'):rep(12)
  local function encode(s)
    local out, i = {}, 1
    while i <= #s do
      local c, n = s:sub(i, i), 1
      while s:sub(i + n, i + n) == c do n = n + 1 end
      out[#out + 1] = n .. c
      i = i + n
    end
    return table.concat(out)
  end
  local function decode(s) return (s:gsub('(%d+)(%a)', function(n, c) return c:rep(tonumber(n)) end)) end
  local function compress(s)
    local seen, next_code, out, w = {}, 256, {}, ''
    for c in s:gmatch('.') do
      local wc = w .. c
      if #wc == 1 or seen[wc] then w = wc
      else
        out[#out + 1] = seen[w] or w:byte()
        seen[wc] = next_code
        next_code = next_code + 1
        w = c
      end
    end
    out[#out + 1] = seen[w] or w:byte()
    return out
  end
  local n = 0
  for i = 1, 150 do
    local packed = encode(text)
    if decode(packed) == text then n = n + #packed end
    n = n + #compress(text)
  end
  print(n)
end
for _ = 1, 7 do run() end
