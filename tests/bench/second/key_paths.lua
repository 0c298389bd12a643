-- key_paths.lua - dotted paths read from and written into nested tables
local function run()
  local function get(t, path)
    for key in path:gmatch('[^.]+') do
      if type(t) ~= 'table' then return nil end
      t = t[tonumber(key) or key]
    end
    return t
  end
  local function set(t, path, value)
    local last
    for key in path:gmatch('[^.]+') do
      if last then
        if type(t[last]) ~= 'table' then t[last] = {} end
        t = t[last]
      end
      last = tonumber(key) or key
    end
    t[last] = value
  end
  local sum, root = 0, {}
  for i = 1, 14000 do
    set(root, 'users.' .. i % 50 .. '.name', 'n' .. i)
    set(root, 'users.' .. i % 50 .. '.posts.' .. i % 5 + 1, i)
    sum = sum + #get(root, 'users.' .. i % 50 .. '.name') + get(root, 'users.' .. i % 50 .. '.posts.' .. i % 5 + 1)
    if get(root, 'users.99.name.first') == nil then sum = sum + 1 end
  end
  print(sum)
end
for _ = 1, 2 do run() end
