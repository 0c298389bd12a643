local a, b
function a(n) return (b(n + 1)) end
function b(n) return (a(n + 1)) end
local ok, e = pcall(a, 0)
return { tostring(ok), e }
