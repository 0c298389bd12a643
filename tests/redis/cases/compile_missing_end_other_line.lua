local function f()
  for i = 1, 3 do
    f()
