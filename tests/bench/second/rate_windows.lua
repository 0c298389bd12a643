-- rate_windows.lua - what limiters do: windows of time stamps, counters by minute, token buckets, keys with colons
local function run()
  local store = {}
  local function hit(user, now, limit, window)
    local key = 'rate:{' .. user .. '}:window'
    local list = store[key]
    if not list then list = {} store[key] = list end
    while list[1] and list[1] <= now - window do table.remove(list, 1) end
    if #list >= limit then return 0, list[1] + window - now end
    list[#list + 1] = now
    return limit - #list, 0
  end
  local function bucket(user, now, rate, burst)
    local key = 'bucket:' .. user
    local tokens, last = tonumber(store[key .. ':tokens'] or burst), tonumber(store[key .. ':time'] or now)
    tokens = math.min(burst, tokens + (now - last) * rate)
    local allowed = tokens >= 1
    if allowed then tokens = tokens - 1 end
    store[key .. ':tokens'], store[key .. ':time'] = tostring(tokens), tostring(now)
    return allowed and 1 or 0
  end
  local left, waits, allowed = 0, 0, 0
  for i = 1, 30000 do
    local user = 'user' .. i * 7 % 40
    local l, wait = hit(user, i, 5, 300)
    left, waits = left + l, waits + wait
    allowed = allowed + bucket(user, i, 0.02, 10)
  end
  print(left, waits, allowed)
end
for _ = 1, 4 do run() end
