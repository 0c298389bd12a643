local function split(s, sep) local out, pos = {}, 1 while true do local a, b = s:find(sep, pos, true) if not a then out[#out + 1] = s:sub(pos) return out end out[#out + 1] = s:sub(pos, a - 1) pos = b + 1 end end
return { split('a,b,,c', ','), split('', ','), split(',', ','), split('one', ','), split('a::b::c', '::') }
