/* SPDX-License-Identifier: BSD-2-Clause */
/* words - the generator's leaves and odd material, and what every program begins with. */
#ifndef TESTS_DIFFERENTIAL_WORDS_H
#define TESTS_DIFFERENTIAL_WORDS_H

/* show prints values so that every bit of them shows; a table by its pairs. */
static const char word_prelude[] =
    "local G, type, tonumber, canary = _G, type, tonumber, 'CANARY' .. 'planted'\n"
    "os, io, debug, collectgarbage, gcinfo, newproxy, math.random, math.randomseed, package, module, require, dofile, loadfile = nil\n"
    "local function tostring(v) local k = type(v) if k == 'table' or k == 'function' or k == 'thread' then return k end return G.tostring(v) end\n"
    "local fuel, stops = 300, 0\n"
    "local function text(v, depth)\n"
    " local k = type(v)\n"
    " if k == 'number' then return ('%.17g'):format(v) end\n"
    " if k == 'string' then return ('%q'):format(#v > 300 and #v .. v:sub(-300) or v) end\n"
    " if k ~= 'table' or depth > 2 then return tostring(v) end\n"
    " local out, n = '{', 0\n"
    " for k, v in next, v do n = n + 1 if n > 40 then break end out = out .. text(k, 3) .. '=' .. text(v, depth + 1) .. ';' end\n"
    " return out .. #v .. '}'\n"
    "end\n"
    "local function show(...) local out = {} for i = 1, select('#', ...) do out[i] = text((select(i, ...)), 0) end print(table.concat(out, ' ')) end\n"
    "local function num(v) return type(v) == 'number' and v or 7 end\n"
    "local function str(v) return type(v) == 'string' and v:sub(1, 400) or '-' end\n"
    "local function tab(v) return type(v) == 'table' and v or {} end\n"
    "local function key(v) return str(v):sub(1, 9) end\n"
    "local function guard() fuel = fuel - 1 if fuel < 0 then error('fuel', 0) end end\n"
    "local function stop() stops = stops + 1 return stops % 4 == 0 end\n"
    "local function two() return 1, 2 end\n"
    "local F, T = {}, {1, 2, 3, x = 'x', name = 5}\n"
    "local function f0(a, ...) guard() return a, ... end\n"
    "local M = {__add = function(a, b) return type(a) end, __sub = function() return 7 end, __mul = two, __div = f0,\n"
    " __mod = function(a, b) return b end, __pow = function() end, __unm = function(a, b) return rawequal(a, b) end,\n"
    " __concat = function(a, b) return type(a) .. type(b) end, __call = function(self, ...) return select('#', ...), ... end,\n"
    " __index = function(t, k) return k end, __lt = function(a, b) return type(a) == 'number' end, __eq = function() return 1 end}\n"
    "local O = setmetatable({10, 20, y = 'y'}, M)\n"
    "gn, gs, gx, gt, gb, gf = 5, 'global', nil, {1, 2}, false, two\n";

static const char *const word_small[] = {"0", "1", "2", "3", "4", "5", "7", "10", "-1", "-2", "-3", "16", "36", "1.5"};
static const char *const word_numbers[] = {
    "0.1", "-0", "1e15", "1e100", "123456789012", "2^31", "2^53", "-2^31", "0/0", "1/0", "-1/0", "0x1F", "1e-7", "3.14159",
    "2^53+1", "4294967295", "-2147483649", "1e308*10", "5e-324", "0.5", "-7.25", "100", "255", "1e14", "123456.789e3", "2^63", "-(0/0)"};
static const char *const word_strings[] = {
    "'a'", "''", "'hello'", "'12'", "'0x10'", "' 7 '", "'1e1'", "'x y z'", "\"q\\\"q\"", "[[long]]", "[==[a]]b\n]==]", "'\\0'", "'\\65\\10\\255'",
    "'key=value, k2=v2'", "'(a(b)c)'", "'THE (quick) fox'", "'\\\n'", "'%d%s'", "'abcdefghijklmnopqrstuvwxyz0123456789'", "'nan'", "'inf'", "'-0'", "'\\t\\r'"};
static const char *const word_booleans[] = {"true", "false", "true", "nil"};
static const char *const word_tables[] = {"T", "{}", "{1, 2, 3}", "{x = 1}", "O", "{5, nil, 7}", "{'a', 'b', n = 2}", "F", "{1, 2, 3, nil, 5, nil}"};
static const char *const word_objects[] = {"O", "O", "setmetatable({}, M)", "setmetatable({1, 2}, {__index = T})", "setmetatable({3}, {__newindex = function() end})"};
static const char *const word_anything[] = {"nil", "true", "false", "0", "'x'", "T", "O", "''", "1.5", "f0", "-1", "'10'"};
static const char *const word_functions[] = {
    "f0", "two", "tostring", "type", "select", "unpack", "next", "pcall", "error", "rawget", "rawequal", "math.floor", "math.max",
    "string.rep", "string.upper", "string.format", "string.char", "string.byte", "string.sub", "string.gsub", "string.find", "table.concat",
    "table.insert", "getmetatable", "setmetatable", "ipairs", "assert", "tonumber", "pairs", "coroutine.wrap", "coroutine.create", "coroutine.yield",
    "coroutine.status", "loadstring", "xpcall", "table.remove", "table.sort", "string.gmatch", "print", "M.__index", "load"};
static const char *const word_fields[] = {"x", "y", "name", "k1", "len", "sub", "upper", "__index", "n", "a_b"};
static const char *const word_math[] = {"floor", "ceil", "abs", "sqrt", "sin", "cos", "exp", "log", "log10", "deg", "rad", "tan", "atan", "atan2", "fmod", "pow", "ldexp", "frexp", "modf", "max", "min", "sinh", "tanh", "acos"};
static const char *const word_string_functions[] = {"byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse", "sub", "upper", "sub", "find", "gfind"};
static const char *const word_table_functions[] = {"concat", "foreach", "foreachi", "getn", "maxn", "insert", "remove", "setn", "sort", "insert", "remove"};
static const char *const word_comparators[] = {
    "function(a, b) return a < b end", "function(a, b) return a > b end", "function(a, b) return true end", "function(a, b) return false end",
    "function(a, b) return a <= b end", "function(a, b) return nil end", "function(a, b) stops = stops + 1 return stops % 3 == 0 end",
    "function(a, b) return tostring(a) < tostring(b) end", "function(a, b) error('cmp', 2) end", "function(a, b) return num(a) % 5 < num(b) % 5 end",
    "function(a, b) coroutine.yield(a) end", "function(a, b) show(a, b) return num(a) < num(b) end", "nil", "5", "O", "math.max",
    "function(a, b) return num(a) >= num(b) end", "function(...) return select('#', ...) == 2 and str(...) < 'b' end"};
static const char *const word_odd[] = {"nil", "0", "-1", "1", "3", "-2", "1e10", "-1e10", "2^31", "0/0", "1/0", "-1/0", "1.9", "-0.5", "'3'", "'x'", "''", "'%'", "true", "T", "{}", "O", "f0",
                                       "'a'", "'%a+'", "'[a'", "'(()'", "2^53", "'\\0'", "{1, 2, nil, 4}", "'%s %d'", "65"};
static const char *const word_replacements[] = {"'x'", "''", "'<%0>'", "'%1'", "'%2'", "'%%'", "'%'", "'%q'", "{a = 'A', l = 1, o = false, e = true}", "function(a, b) return b end",
                                               "function(...) return select('#', ...) end", "string.upper", "function() end", "5", "T", "O", "f0", "function(a) return {} end"};
static const char *const word_patterns[] = {"a", ".", "%a", "%d", "%s", "%w", "l+", ".-", "(.)", "(%w+)", "()", "[a-z]", "[^a-z]", "[%a_]", "%b()", "^", "$", "*", "-", "+", "?", "%f[%w]",
                                            "(a*)", "%1", "[", "%", "(", ")", "[]]", "[a-]", "%z", "%x", ".*", "h", "=", "[^%s]+", "o?", "%p", "%u", "\\0", "[%z]", "%."};
static const char *const word_number_texts[] = {"1", "0", "12", "0x", "e", "E5", ".", "-", "+", " ", "f", "z", "1e5", "0x1p4", "inf", "nan", "7", "99999999999999999999", "\\0", "_", "\\t", "a", "ff"};

#endif
