local a = 1

if a then
  return undefined_name + 1
end
