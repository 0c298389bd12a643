local t = { 'bottom' }
for i = 1, 500 do t = { t } end
return t
