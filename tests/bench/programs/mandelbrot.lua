-- mandelbrot.lua - floating point in registers
local size, inside, checksum = 600, 0, 0
for py = 0, size - 1 do
  local ci = 2 * py / size - 1
  for px = 0, size - 1 do
    local cr = 2 * px / size - 1.5
    local zr, zi, zr2, zi2, n = 0, 0, 0, 0, 0
    while n < 50 and zr2 + zi2 <= 4 do
      zi = 2 * zr * zi + ci
      zr = zr2 - zi2 + cr
      zr2, zi2 = zr * zr, zi * zi
      n = n + 1
    end
    if n == 50 then inside = inside + 1 end
    checksum = (checksum * 31 + n) % 1000003
  end
end
print(inside, checksum)
