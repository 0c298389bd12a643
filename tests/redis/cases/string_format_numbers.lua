local out = {}
for _, n in ipairs{ 0, -0.0, 1, -1, 0.5, 1/3, 1e15, 1e16, 1e100, 1e-100, 123456789, 2^31, 2^32, 2^53, 2^63, -2^63, 1/0, -1/0, 0/0, 255.5, 99999.95, 0.05 } do
  out[#out + 1] = string.format('%d %x %g %.3f %e %.14g %.17g %5.1f %i', n, n, n, n, n, n, n, n, n)
end
return out
