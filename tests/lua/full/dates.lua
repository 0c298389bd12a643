-- Every conversion of os.date at times that differ in every field; the host's time zone is left out.
local times = {0, 86399, 951782400, 1078012800, 1104537599, 1230768000, 1262304000, 1483228799, 4102444800, 68169600, 1709164800}
local conversions = 'aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%'
for _, time in ipairs(times) do
  local parts = {}
  for c in conversions:gmatch('.') do parts[#parts + 1] = os.date('!%' .. c, time):gsub('%c', '?') end
  print(table.concat(parts, '|'))
-- expect: Thu|Thursday|Jan|January|Thu Jan  1 00:00:00 1970|19|01|01/01/70| 1|1970-01-01|70|1970|Jan|00|12|001|01|00|?|AM|12:00:00 AM|00:00|00|?|00:00:00|4|00|01|4|00|01/01/70|00:00:00|70|1970|+0000|GMT|%
-- expect: Thu|Thursday|Jan|January|Thu Jan  1 23:59:59 1970|19|01|01/01/70| 1|1970-01-01|70|1970|Jan|23|11|001|01|59|?|PM|11:59:59 PM|23:59|59|?|23:59:59|4|00|01|4|00|01/01/70|23:59:59|70|1970|+0000|GMT|%
-- expect: Tue|Tuesday|Feb|February|Tue Feb 29 00:00:00 2000|20|29|02/29/00|29|2000-02-29|00|2000|Feb|00|12|060|02|00|?|AM|12:00:00 AM|00:00|00|?|00:00:00|2|09|09|2|09|02/29/00|00:00:00|00|2000|+0000|GMT|%
-- expect: Sun|Sunday|Feb|February|Sun Feb 29 00:00:00 2004|20|29|02/29/04|29|2004-02-29|04|2004|Feb|00|12|060|02|00|?|AM|12:00:00 AM|00:00|00|?|00:00:00|7|09|09|0|08|02/29/04|00:00:00|04|2004|+0000|GMT|%
-- expect: Fri|Friday|Dec|December|Fri Dec 31 23:59:59 2004|20|31|12/31/04|31|2004-12-31|04|2004|Dec|23|11|366|12|59|?|PM|11:59:59 PM|23:59|59|?|23:59:59|5|52|53|5|52|12/31/04|23:59:59|04|2004|+0000|GMT|%
-- expect: Thu|Thursday|Jan|January|Thu Jan  1 00:00:00 2009|20|01|01/01/09| 1|2009-01-01|09|2009|Jan|00|12|001|01|00|?|AM|12:00:00 AM|00:00|00|?|00:00:00|4|00|01|4|00|01/01/09|00:00:00|09|2009|+0000|GMT|%
-- expect: Fri|Friday|Jan|January|Fri Jan  1 00:00:00 2010|20|01|01/01/10| 1|2010-01-01|09|2009|Jan|00|12|001|01|00|?|AM|12:00:00 AM|00:00|00|?|00:00:00|5|00|53|5|00|01/01/10|00:00:00|10|2010|+0000|GMT|%
-- expect: Sat|Saturday|Dec|December|Sat Dec 31 23:59:59 2016|20|31|12/31/16|31|2016-12-31|16|2016|Dec|23|11|366|12|59|?|PM|11:59:59 PM|23:59|59|?|23:59:59|6|52|52|6|52|12/31/16|23:59:59|16|2016|+0000|GMT|%
-- expect: Fri|Friday|Jan|January|Fri Jan  1 00:00:00 2100|21|01|01/01/00| 1|2100-01-01|99|2099|Jan|00|12|001|01|00|?|AM|12:00:00 AM|00:00|00|?|00:00:00|5|00|53|5|00|01/01/00|00:00:00|00|2100|+0000|GMT|%
-- expect: Tue|Tuesday|Feb|February|Tue Feb 29 00:00:00 1972|19|29|02/29/72|29|1972-02-29|72|1972|Feb|00|12|060|02|00|?|AM|12:00:00 AM|00:00|00|?|00:00:00|2|09|09|2|09|02/29/72|00:00:00|72|1972|+0000|GMT|%
-- expect: Thu|Thursday|Feb|February|Thu Feb 29 00:00:00 2024|20|29|02/29/24|29|2024-02-29|24|2024|Feb|00|12|060|02|00|?|AM|12:00:00 AM|00:00|00|?|00:00:00|4|08|09|4|09|02/29/24|00:00:00|24|2024|+0000|GMT|%
end
for _, time in ipairs {0, 951782400, 1483228799} do
  local d = os.date('!*t', time)
  print(d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst)
-- expect: 1970	1	1	0	0	0	5	1	false
-- expect: 2000	2	29	0	0	0	3	60	false
-- expect: 2016	12	31	23	59	59	7	366	false
end
print(os.date('!%s', 12345) ~= nil, os.date('!text %%', 0), os.date('!', 0) == '') -- expect: true	text %	true
print(os.date('%Z %k %l', 7200), os.date('!%Z %k %l', 82800)) -- expect: UTC  2  2	GMT 23 11
print(pcall(os.time, {}))                                    -- expect: false	field 'day' missing in date table
print(pcall(os.time, {day = 1, month = 2}))                  -- expect: false	field 'year' missing in date table
print(pcall(os.time, {day = 'x', month = 1, year = 2000}))   -- expect: false	field 'day' missing in date table
print(pcall(os.time, 5))                                     -- expect: false	bad argument #1 to '?' (table expected, got number)
print(os.difftime(10, 4), pcall(os.difftime))                -- expect: 6	false	bad argument #1 to '?' (number expected, got no value)
print(os.getenv('NO_SUCH_VARIABLE'), pcall(os.getenv))       -- expect: nil	false	bad argument #1 to '?' (string expected, got no value)
print(type(os.time()), type(os.clock()), type(os.date()))    -- expect: number	number	string
