local other = cjson.new()
other.encode_number_precision(2)
return { other.encode(1/3), cjson.encode(1/3), type(other.null), tostring(other.null == cjson.null), cjson._NAME, cjson._VERSION, other._NAME }
