-- Other people's modules: each is required and shows what it exports, then some are used.
-- run_packages.py puts the list of names before this; the folder of the modules is the
-- working directory.
package.path, package.cpath = './?.lua;./?/init.lua', ''
for i = #package.loaders, 3, -1 do package.loaders[i] = nil end
function os.getenv() end

local function plain(v) return (tostring(v):gsub('0x%x+', 'ADDRESS')) end

for _, name in ipairs(names) do
  local ok, module = pcall(require, name)
  local keys = {}
  if type(module) == 'table' then
    for key, value in pairs(module) do keys[#keys + 1] = plain(key) .. ':' .. type(value) end
    table.sort(keys)
  end
  print(name, ok, type(module), ok and table.concat(keys, ' ') or plain(module))
end

local function try(name, f)
  local results = { pcall(f) }
  for i = 2, #results do results[i] = plain(results[i]) end
  print(name, unpack(results))
end

try("inspect", function() return require"inspect"({1,2,{a=1,b={c=true}}, x="y", [3.5]=function() end}) end)
try("dkjson", function() local j = require"dkjson" return j.encode(j.decode('{"a":[1,2,{"b":null}],"c":1.5e10,"d":"\\u00e9"}'), {indent=true, keyorder={"a","c","d"}}) end)
try("mp", function() local m = require"MessagePack" return (m.pack({1,2,{a=1.5}}):gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end)
try("argparse", function() local p = require"argparse"("x") p:option"-f --foo" p:argument"y" return p:get_help() end)
try("pl", function() local pretty = require"pl.pretty" return pretty.write({1,2,{a="b"}}, "") end)
try("pl.class", function() local c = require"pl.class" local A = c() function A:_init(x) self.x = x end local B = c(A) local b = B(5) return b.x, b:is_a(A) end)
try("pl.List", function() local L = require"pl.List" return tostring(L{3,1,2}:sort():map(function(x) return x*2 end)) end)
try("pl.template", function() return require"pl.template".substitute("# for i = 1,3 do\n$(i) x\n# end\n") end)
try("pl.lexer", function() local r = {} for t, v in require"pl.lexer".lua("local x = 1 + 'a' -- c\n") do r[#r+1] = t .. "=" .. tostring(v) end return table.concat(r, " ") end)
try("pl.date", function() local D = require"pl.Date" return tostring(D(1e9, true)) end)
try("pl.strict", function() require"pl.strict" return pcall(function() return undefined_thing end) end)
try("markdown", function() return markdown and 1 or require"markdown"("# T\n\n* a\n* b\n\n`x` **b** [l](http://x)\n") end)
try("luaunit", function() local lu = require"luaunit" lu.assertEquals({1,{2}}, {1,{2}}) return pcall(lu.assertEquals, {1,2}, {1,3}) end)
try("say", function() local s = require"say" s:set("a", "b %s") return s("a", {"c"}) end)
try("luassert", function() local a = require"luassert" a.are.same({1,2},{1,2}) return pcall(a.are.same, {1}, {2}) end)
try("cosmo", function() return require"cosmo".fill("$x and $y", {x=1,y="z"}) end)
try("logging", function() local l = require"logging" local out = {} local lg = l.new(function(self, lv, m) out[#out+1] = lv .. m return true end) lg:info("hello %s", "w") return out[1] end)
try("redis", function() return type(require"redis".connect) end)
try("basexx", function() local b = require"basexx" return b.to_base64("hello world"), b.from_base64("aGVsbG8="), b.to_base32("hi") end)
try("ltn12", function() local l = require"ltn12" local t = {} l.pump.all(l.source.string("abc"), l.sink.table(t)) return table.concat(t) end)
try("binaryheap", function() local h = require"binaryheap".minUnique() h:insert(3,"a") h:insert(1,"b") return h:pop() end)
try("check", function() local lex = require"luacheck.lexer" local parser = require"luacheck.parser" return "ok" end)
try("mediator", function() local M = require"mediator"() local n = 0 M:subscribe({"a"}, function(x) n = n + x end) M:publish({"a"}, 5) return n end)
try("cliargs", function() local c = require"cliargs" c:set_name("x") c:flag("-v", "verbose") return (c:parse({"-v"})).v end)
