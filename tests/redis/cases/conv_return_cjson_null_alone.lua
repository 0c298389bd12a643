return cjson.null
