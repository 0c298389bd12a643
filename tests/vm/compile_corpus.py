#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""compile_corpus.py - our compiler against the reference compiler, file by file.

usage: compile_corpus.py DRIVER [--mutations N] [--seed N] [--least FILES] [PATH...]

DRIVER is compile_driver.  Each Lua file below the paths (default: the corpus beside
this script and the Lua sources of installed packages) is compiled by both.

  listing    instructions, registers, constants, lines, locals and upvalues agree with
             `luac5.1 -l -l`
  limits     the same for sources at and beyond every limit of the language
  mutations  sources with random changes are accepted or refused alike, with the same
             error text as loadstring of lua5.1

Differences that are meant, and taken out before comparing: CLOSE is left out where no
local is captured by reference; EQ may have its operands swapped; a LOADNIL clears the
locals that are nil before a function's first instruction.
"""
import argparse
import os
import random
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = ['/usr/share/lua/5.1', '/usr/share/gocode/src/github.com/yuin/gopher-lua',
            '/usr/share/luajit-2.1.0-beta3']
BIGGEST_LISTED = 30000  # bytes of a generated source whose listing is compared
BIGGEST_MUTANT = 6000  # bytes of a file that is cut for mutation

ORACLE = r'''
local input = io.stdin
while true do
  local name_size = input:read("*n")
  local source_size = input:read("*n")
  if not source_size then break end
  input:read(1)
  local name = name_size > 0 and input:read(name_size) or ""
  local source = source_size > 0 and input:read(source_size) or ""
  local _, message = loadstring(source, name)
  message = message or ""
  io.write(#message, "\n", message)
end
'''
ORACLE_LEVELS = '2'  # nested C levels in which the oracle's loadstring runs


def lua_files(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                if name.endswith('.lua'):
                    yield os.path.join(folder, name)


# --- Listings -------------------------------------------------------------------

# The reference follows CLOSURE by an instruction per upvalue.  Their lines mean nothing,
# and we have no words for them.
def mark_captures(code, counts):
    rank = 0
    i = 0
    while i < len(code):
        if code[i][2] == 'CLOSURE':
            for j in range(i + 1, i + 1 + counts[rank]):
                place, _, name, values = code[j]
                code[j] = place, 0, 'capture ' + name, values
            rank += 1
        i += 1


class Function:
    """One function of a listing.  code: [(place, line, name, operands)], a jump's
    operand being the index of its target in code."""

    def __init__(self, heading):
        self.heading = heading
        self.code, self.constants, self.locals, self.upvalues = [], [], [], []


def parse_instruction(text):
    _, place, line, name, operands = text.split('\t', 4)
    name = name.rstrip()
    numbers, _, comment = operands.partition(';')
    values = [int(word) for word in numbers.split()]
    if name == 'SETLIST':
        values[2:] = [int(comment)]  # C as an operand is shown as a constant from 256 on
    if name == 'TEST' and len(values) == 3:
        del values[1]
    if name == 'CLOSURE':
        values = values[:2]
    return int(place), int(line[1:-1]), name, values


def parse_reference(text):
    """What luac5.1 -l -l prints."""
    functions, section, heading = [], 'code', None
    for line in text.decode('latin-1').split('\n'):
        if line.startswith('\t'):
            f = functions[-1]
            if section == 'code':
                f.code.append(parse_instruction(line))
            else:
                getattr(f, section).append(line.split('\t')[2:])
            continue
        start = re.match(r'(main|function) <.*:(\d+),(\d+)> \(\d+ instructions?, ', line)
        counts = re.match(r'(\d+)(\+?) params?, (\d+) slots?, (\d+) upvalues?, (\d+) locals?, (\d+) constants?, ', line)
        title = re.match(r'(constants|locals|upvalues) \(\d+\) for 0x', line)
        if start:
            heading, section = start.groups(), 'code'
        elif counts and heading:
            c = counts.groups()
            functions.append(Function([heading[0], *heading[1:], c[0], '1' if c[1] else '0', *c[2:]]))
            heading = None
        elif title:
            section = title.group(1)
    for f in functions:
        finish_reference(f)
    return functions


def finish_reference(f):
    # A SETLIST whose C is 0 takes up two places; the listing shows one.
    index = {place: i for i, (place, *_) in enumerate(f.code)}
    index[f.code[-1][0] + 1] = len(f.code)
    for i, (place, line, name, values) in enumerate(f.code):
        if name in ('JMP', 'FORLOOP', 'FORPREP'):
            values[-1] = index[place + 1 + values[-1]]
    for row in f.locals:
        row[-2:] = [index[int(row[-2])], index[int(row[-1])]]


def parse_ours(text):
    functions = []
    for line in text.decode('latin-1').split('\n'):
        if line.startswith(('main ', 'function ')):
            functions.append(Function(line.split(' ')))
        elif line.startswith('\t'):
            functions[-1].code.append(parse_instruction(line))
        elif line:
            kind, rest = line.split('\t')[0], line.split('\t')[2:]
            getattr(functions[-1], kind + 's').append(rest)
    for f in functions:
        finish_ours(f)
    return functions


def finish_ours(f):
    # Captures share the place of their CLOSURE; a jump goes to the first.
    index = {}
    for i, (place, *_) in enumerate(f.code):
        index.setdefault(place, i)
    for _, _, name, values in f.code:
        if name in ('JMP', 'FORLOOP', 'FORPREP'):
            values[-1] = index[values[-1]]
    places = sorted(index)
    for row in f.locals:
        for i in (-2, -1):
            word = int(row[i])
            row[i] = index[min((p for p in places if p >= word), default=places[-1])]


def drop_closes(reference, ours):
    """Takes the CLOSEs that ours leaves out from the reference.  Returns its code
    renumbered, and the map of indexes."""
    kept, new_index = [], []
    for instruction in reference.code:
        new_index.append(len(kept))
        at = len(kept)
        ours_has = at < len(ours.code) and ours.code[at][2:] == instruction[2:]
        if instruction[2] == 'CLOSE' and not ours_has:
            continue
        kept.append(instruction)
    new_index.append(len(kept))
    return kept, new_index


def without_initial_nil(ours):
    """Ours without the LOADNIL that clears the first locals."""
    f = Function(ours.heading)
    f.constants, f.upvalues = ours.constants, ours.upvalues
    for place, line, name, values in ours.code[1:]:
        if name in ('JMP', 'FORLOOP', 'FORPREP'):
            values = values[:-1] + [values[-1] - 1]
        f.code.append((place, line, name, values))
    f.locals = [row[:-2] + [row[-2] - 1, row[-1] - 1] for row in ours.locals]
    return f


def normal(instruction, jump_map=None):
    place, line, name, values = instruction
    values = list(values)
    if jump_map and name in ('JMP', 'FORLOOP', 'FORPREP'):
        values[-1] = jump_map[values[-1]]
    if name == 'EQ':
        values[1:] = sorted(values[1:])
    return line, name, values


def compare_functions(reference, ours):
    """Yields what differs."""
    if reference.heading != ours.heading:
        yield 'heading: luac %s, ours %s' % (reference.heading, ours.heading)
    kept, jump_map = drop_closes(reference, ours)
    for i in range(max(len(kept), len(ours.code))):
        a = normal(kept[i], jump_map) if i < len(kept) else None
        b = normal(ours.code[i]) if i < len(ours.code) else None
        if a != b:
            yield 'instruction %d: luac %s, ours %s' % (i, a, b)
            return
    if reference.constants != ours.constants:
        yield 'constants: luac %s, ours %s' % (reference.constants, ours.constants)
    locals_ = [row[:-2] + [jump_map[row[-2]], jump_map[row[-1]]] for row in reference.locals]
    if locals_ != ours.locals:
        different = [pair for pair in zip(locals_, ours.locals) if pair[0] != pair[1]]
        yield 'locals: (luac, ours) %s' % different[:3]
    if reference.upvalues != ours.upvalues:
        yield 'upvalues: luac %s, ours %s' % (reference.upvalues, ours.upvalues)


def children(functions):
    """Upvalue counts of each function's own functions; a listing is in source order."""
    counts = [[] for _ in functions]
    for i, f in enumerate(functions):
        closures = sum(name == 'CLOSURE' for _, _, name, _ in f.code)
        f.wanted = closures
    stack = []
    for i, f in enumerate(functions):
        while stack and functions[stack[-1]].wanted == len(counts[stack[-1]]):
            stack.pop()
        if stack:
            counts[stack[-1]].append(int(f.heading[6]))
        stack.append(i)
    return counts


def mark_all_captures(functions):
    for f, counts in zip(functions, children(functions)):
        mark_captures(f.code, counts)


def compare_listing(driver, path):
    """Returns None when luac5.1 refuses the file, else what differs."""
    luac = subprocess.run(['luac5.1', '-l', '-l', '-p', path], capture_output=True)
    if luac.returncode != 0:
        return None
    mine = subprocess.run([driver, '-l', path], capture_output=True)
    if mine.returncode != 0:
        return ['refused: %r' % mine.stderr[:300]]
    reference, ours = parse_reference(luac.stdout), parse_ours(mine.stdout)
    mark_all_captures(reference)
    mark_all_captures(ours)
    if len(reference) != len(ours):
        return ['functions: luac %d, ours %d' % (len(reference), len(ours))]
    problems = []
    for a, b in zip(reference, ours):
        if b.code[0][2] == 'LOADNIL' and not list(compare_functions(a, without_initial_nil(b))):
            continue
        problems += ['function at %s: %s' % (a.heading[1], p) for p in compare_functions(a, b)]
    return problems


def compare_listings(driver, files):
    compared = skipped = failed = 0
    for path in files:
        problems = compare_listing(driver, path)
        if problems is None:
            skipped += 1
            continue
        compared += 1
        if problems:
            failed += 1
            print('%s: %s' % (path, '; '.join(problems[:3])[:1500]))
    print('listing: %d files agree, %d differ, %d are no Lua 5.1' % (compared - failed, failed, skipped))
    return failed == 0 and compared > 0


# --- Limits ---------------------------------------------------------------------

def nested(n):
    """Every construct that nests, n deep."""
    yield 'return ' + '(' * n + 'x' + ')' * n
    yield 'return ' + '{' * n + '}' * n
    yield 'return ' + '-' * 0 + 'not ' * n + 'x'
    yield 'return ' + 'a..' * n + 'b'
    yield 'return ' + 'a^' * n + 'b'
    yield 'return ' + 'f(' * n + ')' * n
    yield 'return ' + 'a[' * n + '1' + ']' * n
    yield 'return ' + 'f{' * n + '}' * n
    yield 'do ' * n + 'end ' * n
    yield 'while x do ' * n + 'end ' * n
    yield 'if x then ' * n + 'end ' * n
    yield 'repeat ' * n + 'until x ' * n
    yield 'for i=1,2 do ' * (n // 4) + 'end ' * (n // 4)
    yield 'function f() ' * n + 'end ' * n
    yield 'return ' + 'function() return ' * n + 'end ' * n
    yield ','.join('a' * n) + ' = 1'
    yield ','.join('a.b' for _ in range(n)) + ' = f()'
    yield 'do local x; ' + ','.join('x[x]' for _ in range(n)) + ', x = 1, 2 end'
    yield 'return ' + '(a and ' * n + 'b' + ' or c)' * n


def counted(n):
    """Things of which there may be so many."""
    names = ['v%d' % i for i in range(n)]
    yield 'local ' + ','.join(names)
    yield '\n\nlocal function f(' + ','.join(names) + ') end'
    yield 'function f(' + ','.join(names) + ', ...) return arg end'
    yield ' '.join('local %s' % name for name in names) + ' for i=1,2 do end'
    yield 'local ' + ','.join(names) + ' for k, v in x do local y end'
    yield 'f(' + ','.join(names) + ')'
    yield 'return ' + ','.join(names)
    yield 'return {' + ','.join(names) + '}'
    yield 'local a = ' + ','.join(names)
    yield 'local ' + ','.join(names[:n // 2]) + ' = ' + ','.join(names)
    yield 'local a <' if n == 60 else 'a = ' + '..'.join(names[:150])
    uses = ' '.join('%s = %s' % (name, name) for name in names)
    yield 'local %s\nfunction f()\n %s end' % (','.join(names[:120]), uses)
    yield 'local %s function f() return function() %s end end' % (','.join(names[:120]), uses)


def large():
    """Operands that outgrow their fields, and the limits of the reference."""
    yield ' '.join('x = %d' % i for i in range(300)) + ' y = z + 1000 + "k" y[1001] = 1002 return {a = true, b = nil, z:m(false)}'
    yield ' '.join('x%d = "s%d"' % (i, i) for i in range(9000)) + ' return x8999, "last"'
    yield ' '.join('x%d = "s%d"' % (i, i) for i in range(36000)) + ' return x35999, "last"'
    yield 'return {' + ','.join('function() end' for _ in range(66000)) + '}'
    yield 'return {' + ','.join('x' for _ in range(25600)) + '}'
    yield 'return {' + ','.join('%d' % (i % 7) for i in range(25700)) + ', f()}'
    for n in (1000, 3000, 9000):
        yield 'for i = 1, 2 do ' + 'f(i) ' * n + 'end'
        yield 'for k in x do ' + 'f(k) ' * n + 'end'
        yield 'while f() do ' + 'if g() then break end ' * n + 'end'
        yield 'if x then ' + 'elseif y then f() ' * n + 'end'
        yield 'return ' + 'a or b and ' * n + 'c'
        yield 'return ' + 'a + b * ' * n + 'c'
        yield 'return a' + '.b' * n + '()' * n + ':m()' * n
        yield 'repeat local x; local function g() x = 1 end ' + 'f() ' * n + 'until x'
    yield 'x = y ' * 66000
    yield 'while x do ' + 'f() ' * 66000 + 'end'
    yield 'for i = 1, 2 do ' + 'f() ' * 66000 + 'end'
    yield 'if x then ' + 'f() ' * 66000 + '\nelse end = ='
    yield 'while x do ' + 'if y then break end ' + 'f() ' * 66000 + 'break end'
    yield 'return {' + ','.join('%d' % i for i in range(262200)) + '}'
    yield ' '.join('do local a%d end' % (i % 9) for i in range(32767))
    yield ' '.join('do local a%d end' % (i % 9) for i in range(32768)) + ' = ='
    yield 'f(' + ','.join('x' for _ in range(260)) + ') = = ='
    yield '= = = f(' + ','.join('x' for _ in range(260)) + ')'


def limit_sources():
    for n in (1, 5, 50, 51, 60, 61, 196, 197, 198, 199, 200, 201, 248, 249, 250, 256):
        yield from nested(n)
        yield from counted(n)
    yield from large()


def compare_limits(driver):
    sources = [source.encode() for source in limit_sources()]
    small = [source for source in sources if len(source) <= BIGGEST_LISTED]
    ok = compare_mutants(driver, [(b'@user_script', source) for source in sources], 'limits')
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for i, source in enumerate(small):
            files.append(os.path.join(folder, '%04d.lua' % i))
            with open(files[-1], 'wb') as f:
                f.write(source)
        return compare_listings(driver, files) and ok


# --- Mutations ------------------------------------------------------------------

TOKEN = re.compile(rb'--[^\n]*|"(?:\\.|[^"\n])*"|\'(?:\\.|[^\'\n])*\'|\w+|\.\.\.|\.\.|[=~<>]=|\s+|.', re.S)
EXTRA = (rb'and break do else elseif end false for function if in local nil not or repeat return then true until while '
         rb'+ - * / % ^ # == ~= <= >= < > = ( ) { } [ ] ; : , . .. ... x 1 0x1F 1e5 3.5 1..2 3x 0x 1e "s" "\n '
         rb"'\\300' '\\9' '\\ [[ ]] [=[ ]=] [== -- --[[ --[==[ ~ @ ! $ ` \\ & | ? \x00 \x1b \xff").split(b' ') + [b'\n', b'\r\n', b'\\\n', b'']


def mutate(tokens, chooser):
    tokens = list(tokens)
    for _ in range(chooser.choice((1, 1, 1, 2, 3))):
        i = chooser.randrange(len(tokens))
        action = chooser.randrange(6)
        if action == 0:
            del tokens[i:i + chooser.choice((1, 1, 2, 5))]
        elif action == 1:
            tokens.insert(i, chooser.choice(EXTRA))
        elif action == 2:
            tokens[i] = chooser.choice(EXTRA)
        elif action == 3:
            j = chooser.randrange(len(tokens))
            tokens[i], tokens[j] = tokens[j], tokens[i]
        elif action == 4:
            tokens.insert(i, tokens[chooser.randrange(len(tokens))])
        else:
            del tokens[i:]
        tokens = tokens or [b'x']
    return b''.join(tokens)


def names(chooser):
    return chooser.choice((b'@user_script', b'=stdin', b'@' + b'd/' * 60 + b'f.lua', b'=' + b'n' * 100, None))


def make_mutants(files, count, chooser):
    """[(name, source)]; a None name is the source itself."""
    pieces = []
    for path in files:
        with open(path, 'rb') as f:
            source = f.read()
        if len(source) > BIGGEST_MUTANT:
            start = source.find(b'\n', chooser.randrange(len(source) - BIGGEST_MUTANT)) + 1
            source = source[start:start + BIGGEST_MUTANT]
        if source[:1] == b'#':
            source = b'--' + source
        pieces.append(TOKEN.findall(source) or [b'x'])
    mutants = []
    for _ in range(count):
        source = mutate(chooser.choice(pieces), chooser)
        name = names(chooser)
        mutants.append((source if name is None else name, source))
    return mutants


def run_batch(command, mutants, env=None):
    data = b''.join(b'%d %d\n%s%s' % (len(n), len(s), n, s) for n, s in mutants)
    out = subprocess.run(command, input=data, capture_output=True, env=env)
    if out.returncode != 0:
        sys.exit('%s: %s' % (command[0], out.stderr[-2000:].decode('latin-1')))
    answers, at = [], 0
    while at < len(out.stdout):
        end = out.stdout.index(b'\n', at)
        size = int(out.stdout[at:end])
        answers.append(out.stdout[end + 1:end + 1 + size])
        at = end + 1 + size
    return answers


def is_meant(reference):
    """Differences from stock lua5.1: Redis's own accepts [[ inside [[ ]]."""
    return b'nesting of [[...]] is deprecated' in reference


def compare_mutants(driver, mutants, what='mutations'):
    with tempfile.NamedTemporaryFile('w', suffix='.lua') as oracle:
        oracle.write(ORACLE)
        oracle.flush()
        # Binary chunks would be loaded, not refused.
        mutants = [m for m in mutants if m[1][:1] != b'\x1b']
        reference = run_batch(['lua5.1', oracle.name], mutants)
    ours = run_batch([driver, '-b'], mutants, dict(os.environ, FERROUS_LEVELS=ORACLE_LEVELS))
    if not len(reference) == len(ours) == len(mutants):
        sys.exit('answers are missing: %d %d %d' % (len(reference), len(ours), len(mutants)))
    failed = refused = 0
    for (name, source), a, b in zip(mutants, reference, ours):
        refused += a != b''
        # Errors without a position pass lua5.1's handler, which adds a traceback.
        a = a.partition(b'\nstack traceback:')[0]
        if a != b and not is_meant(a):
            failed += 1
            if failed <= 10:
                print('luac %r\nours %r\nsource %r\n' % (a[:300], b[:300], source[:200] + b' ... ' + source[-1300:]))
    print('%s: %d agree, %d differ; %d were errors' % (what, len(mutants) - failed, failed, refused))
    return failed == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('driver')
    parser.add_argument('--mutations', type=int, default=3000)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--least', type=int, default=0, help='fail when fewer files are found')
    parser.add_argument('paths', nargs='*')
    arguments = parser.parse_intermixed_args()
    own = [os.path.join(HERE, 'compile_corpus')]
    files = list(lua_files(arguments.paths or own + PACKAGES))
    print('%d files below %s' % (len(files), ' '.join(arguments.paths or own + PACKAGES)))
    ok = len(files) >= arguments.least
    if not ok:
        print('that is too few: tools/dev/install_packages.sh names the packages')
    ok &= compare_listings(arguments.driver, files)
    ok &= compare_limits(arguments.driver)
    chooser = random.Random(arguments.seed)
    if arguments.mutations:
        ok &= compare_mutants(arguments.driver, make_mutants(files, arguments.mutations, chooser))
    sys.exit(0 if ok else 1)


if __name__ == '__main__':
    main()
