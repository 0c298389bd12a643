-- args: 'Hi {{name}}, {{n}} new {{missing}}' '{"name":"Ada","n":3}'
local data = cjson.decode(ARGV[2])
return (ARGV[1]:gsub('{{(%w+)}}', function(k) return data[k] ~= nil and tostring(data[k]) or '?' end))
