-- Numbers at every precision, and texts of numbers that are very long.
local out = {}
for _, n in ipairs {0, -0, 1, 12.345, 0.000123456, 123456789.123, 1e15, 1.5e300, 2/3, 99.9995, 1e-310, -7.25} do
  for precision = 1, 14 do
    cjson.encode_number_precision(precision)
    out[#out + 1] = cjson.encode({n})
  end
end
for _, text in ipairs {('1'):rep(200), '0.' .. ('3'):rep(300), '-' .. ('9'):rep(150) .. 'e-140', ('0'):rep(200) .. '7',
                       '1' .. ('0'):rep(400), '0.' .. ('0'):rep(400) .. '1', '1e' .. ('0'):rep(130) .. '5'} do
  local ok, value = pcall(cjson.decode, '[' .. text .. ']')
  out[#out + 1] = ok and string.format('%.17g', value[1]) or tostring(value)
end
return out
