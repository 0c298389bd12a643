-- limit: cpu=100ms
-- expect code: LIMIT_CPU
while true do end
