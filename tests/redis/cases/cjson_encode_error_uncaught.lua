return cjson.encode({ f = function() end })
