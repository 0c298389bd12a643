-- cjson_small.lua - (needs cjson) what scripts pass around: short objects and lists, there and back
local sum = 0
local job = { id = 17, name = 'send', attempts = 3, delay = 0.5, tags = { 'a', 'b' }, done = false }
for i = 1, 60000 do
  job.id = i
  local text = cjson.encode(job)
  local back = cjson.decode(text)
  sum = sum + #text + back.id + #back.tags
end
for i = 1, 120000 do sum = sum + #cjson.encode({ i, i + 1 }) + cjson.decode('[1,2,3]')[3] + cjson.decode('"x"'):byte() end
print(sum)
