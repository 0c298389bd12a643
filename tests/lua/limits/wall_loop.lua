-- limit: wall=200ms
-- expect code: LIMIT_WALL
while true do end
