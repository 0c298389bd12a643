local out = {}
local function put(...) local t = {} for i = 1, select('#', ...) do t[i] = tostring((select(i, ...))) end out[#out + 1] = table.concat(t, ',') end
put(cjson.encode_sparse_array()) put(cjson.encode_max_depth()) put(cjson.decode_max_depth()) put(cjson.encode_number_precision()) put(cjson.encode_keep_buffer()) put(cjson.encode_invalid_numbers()) put(cjson.decode_invalid_numbers())
put(cjson.encode_number_precision(3)) put(cjson.encode(1/3)) put(cjson.encode_number_precision(14))
put(cjson.encode_sparse_array(true)) put(cjson.encode({ [100] = 1 })) put(cjson.encode_sparse_array(false, 2, 10))
put(cjson.encode_invalid_numbers(true)) put(cjson.encode({ 0/0, 1/0, -1/0 })) put(cjson.encode_invalid_numbers('null')) put(cjson.encode({ 0/0, 1/0 })) put(cjson.encode_invalid_numbers(false))
put(cjson.encode_max_depth(2)) put(pcall(cjson.encode, { { { } } })) put(cjson.encode({ { } })) put(cjson.encode_max_depth(1000))
put(cjson.decode_max_depth(2)) put(pcall(cjson.decode, '[[[]]]')) put(cjson.decode_max_depth(1000))
put(cjson.decode_invalid_numbers(false)) put(pcall(cjson.decode, 'nan')) put(pcall(cjson.decode, '0x10')) put(cjson.decode_invalid_numbers(true))
put(pcall(cjson.encode_number_precision, 0)) put(pcall(cjson.encode_number_precision, 15)) put(pcall(cjson.encode_max_depth, 0)) put(pcall(cjson.encode_max_depth, 'x')) put(pcall(cjson.encode_invalid_numbers, 'maybe')) put(pcall(cjson.encode_sparse_array, true, -1)) put(pcall(cjson.encode_sparse_array, 1, 2, 3, 4)) put(pcall(cjson.encode_keep_buffer, 'x')) put(pcall(cjson.encode_max_depth, 1, 2))
return out
