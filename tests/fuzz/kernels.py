#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random kernels (tests/gen/kernels.py) on the machine-code back end in every mode against
the interpreter, for as long as one likes; what differs is reduced to a file for tests/ptx.

usage: tests/fuzz/kernels.py BUILD [--time SECONDS] [--seed N] [--out FOLDER] [--most N]
                              [--limit SECONDS] [--auto]
       tests/fuzz/kernels.py BUILD --reduce FILE.ptx

Exit status 1: something differs; the folder (BUILD/fuzz) then holds one file for each, with
what ptxrun said about it as its first comment. A reduced kernel is one on which the
interpreter agrees with itself under other schedules and fillings of memory."""
import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'gen'))
import kernels as gen  # noqa: E402

BATCH = 6             # kernels in a file
REDUCE_SECONDS = 10   # for a kernel in the course of its reduction,
REDUCE_HUNG = 2       # and for one that does not end
REDUCE_BUDGET = 150   # seconds for one reduction
# Schedules and fillings under which the interpreter must say the same.
ORDERS = ({}, {'KASURI_SEED': '1', 'KASURI_FILL': '85'},
          {'KASURI_SEED': '7', 'KASURI_FILL': '255'})


class Tool:
    def __init__(self, build):
        self.ptxrun = os.path.join(build, 'tests', 'ptxrun')
        self.folder = tempfile.mkdtemp(prefix='kasuri-fuzz-')
        self.path = os.path.join(self.folder, 'kernel.ptx')

    def run(self, text, seconds, *options, env=None):
        """(kind of failure or None, what was said)."""
        with open(self.path, 'w', encoding='ascii') as f:
            f.write(text)
        full = dict(os.environ, KASURI_WATCHDOG=str(max(2, seconds // 2)), **(env or {}))
        p = subprocess.run([self.ptxrun, '--seconds', str(seconds), *options, self.path],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=full,
                           check=False)
        out = p.stdout.decode('utf-8', 'replace')
        return self.kind(p.returncode, out), out

    @staticmethod
    def kind(status, out):
        if status == 0:
            return None
        if status < 0:
            return f'signal {-status}'
        if 'takes too long' in out:
            return 'too long'
        found = re.search(r'\[([a-z]+-[a-z-]+)\]', out)
        if found:
            return found.group(1)
        found = re.search(r'^fault: got (\w+)', out, re.M)
        return 'fault ' + found.group(1) if found else 'differs'

    def sound(self, text):
        """The kernel means one thing: the interpreter says so whatever the order."""
        said = set()
        for env in ORDERS:
            kind, out = self.run(text, REDUCE_SECONDS, '--backend', 'interp', '-v', env=env)
            if kind:
                return False
            said.add(re.sub(r' in [0-9.]+ m?s', '', out))
        return len(said) == 1


def place_of(out):
    """Options for ptxrun that run only the first mode that fails, where it is one."""
    found = re.search(r'on simd-(plain|warp|thread)$', out, re.M)
    return ['--mode', found.group(1)] if found else []


# -- Reduction
def flatten(node, parent, out):
    for i in node.items:
        if isinstance(i, gen.Node):
            entry = [parent, True]
            flatten(i, entry, out)
        else:
            out.append([parent, True, i])


class Reducer:
    """Takes away statements, the statements around others, and then lines."""

    def __init__(self, tool, directives, tree, kind, options):
        self.t, self.directives, self.kind, self.options = tool, directives, kind, options
        self.lines = []
        flatten(tree, None, self.lines)
        self.end = time.monotonic() + REDUCE_BUDGET

    def text(self, dead=frozenset()):
        def alive(entry):
            return entry is None or (id(entry) not in dead and entry[1] and alive(entry[0]))
        body = [x[2] for x in self.lines if x[1] and id(x) not in dead and alive(x[0])]
        return '\n'.join(self.directives + gen.HEADER + body) + '\n'

    def fails(self, text):
        seconds = REDUCE_HUNG if self.kind == 'too long' else REDUCE_SECONDS
        kind, _ = self.t.run(text, seconds, '--backend', 'simd', *self.options)
        return kind == self.kind and self.t.sound(text)

    def without(self, entries):
        """True where the failure stays without these, which are then gone."""
        if time.monotonic() > self.end or not self.fails(self.text({id(e) for e in entries})):
            return False
        for e in entries:
            e[1] = False
        return True

    def halve(self, entries):
        """Removes as many as it can: large groups first."""
        size = len(entries)
        while size and time.monotonic() < self.end:
            at = 0
            while at < len(entries):
                group = [e for e in entries[at:at + size] if e[1]]
                if group:
                    self.without(group)
                at += size
            entries = [e for e in entries if e[1]]
            size = size // 2 if size > 1 else 0
        return entries

    def levels(self):
        """Statements by depth, outermost first."""
        seen, result = {}, {}
        for line in self.lines:
            chain, p = [], line[0]
            while p:
                chain.append(p)
                p = p[0]
            for depth, e in enumerate(reversed(chain)):
                if id(e) not in seen:
                    seen[id(e)] = True
                    result.setdefault(depth, []).append(e)
        return [result[d] for d in sorted(result)]

    def reduce(self):
        levels = self.levels()
        for level in levels:
            self.halve([e for e in level if e[1]])
        for level in levels:
            for e in level:
                own = [x for x in self.lines if x[1] and x[0] is e]
                if e[1] and own:
                    self.without(own)
        while time.monotonic() < self.end:
            before = self.text()
            self.halve([x for x in self.lines if x[1]])
            if self.text() == before:
                break
        self.shrink_launch()
        return self.text()

    def shrink_launch(self):
        for pattern, new in ((r'grid=\d+', 'grid=1'), (r'block=[\d,]+', 'block=32,1,1'),
                             (r'block=[\d,]+', 'block=1,1,1')):
            before = self.directives
            self.directives = [re.sub(pattern, new, d) if d.startswith('// RUN') else d
                               for d in before]
            if not self.fails(self.text()):
                self.directives = before


def parse_file(path):
    """(directives, tree) of a file with one kernel."""
    directives, tree = [], gen.Node()
    with open(path, encoding='ascii') as f:
        for line in f.read().split('\n'):
            if re.match(r'// (RUN|AGREE|IN|OUT|SET|\+)\b', line):
                directives.append(line)
            elif line and not line.startswith('//') and line not in gen.HEADER:
                tree.items.append(line)
    return directives, tree


class Fuzzer:
    def __init__(self, options):
        self.o = options
        self.tool = Tool(options.build)
        self.found, self.kinds = 0, {}

    def examine(self, name, directives, tree):
        """One kernel alone: reduced and kept when it fails."""
        text = '\n'.join(directives + gen.HEADER + list(tree.lines())) + '\n'
        kind, out = self.tool.run(text, self.o.limit, '--backend', 'simd')
        if not kind:
            return
        told, said = self.tool.run(text, self.o.limit, '--backend', 'interp')
        if told:
            print(f'{name}: the interpreter itself: {told}\n{said}', flush=True)
            out, kind = said, 'interp ' + told
        self.found += 1
        n = self.kinds[kind] = self.kinds.get(kind, 0) + 1
        print(f'{name}: {kind}\n' + '\n'.join(out.split('\n')[:4]), flush=True)
        if n <= self.o.most and not told:
            if not self.tool.sound(text):
                print(f'{name}: depends on the schedule', flush=True)
            else:
                text = Reducer(self.tool, directives, tree, kind, place_of(out)).reduce()
                _, out = self.tool.run(text, REDUCE_SECONDS, '--backend', 'simd')
        os.makedirs(self.o.out, exist_ok=True)
        path = os.path.join(self.o.out, f'fuzz_{name}.ptx')
        with open(path, 'w', encoding='ascii') as f:
            f.write('// SPDX-License-Identifier: Apache-2.0\n' +
                    ''.join(f'// {kind}: {x}\n' for x in out.replace(self.tool.path, '')
                            .split('\n')[:4] if x) + text)
        print(f'{name}: {len(text.split(chr(10)))} lines in {path}', flush=True)

    def batch(self, seed):
        rng = random.Random(seed)
        made = [gen.make_kernel(rng, f'k{k}') for k in range(BATCH)]
        head = [d for m in made for d in m[0]]
        body = [x for m in made for x in m[1].lines()]
        modes = ['--backend', 'simd', '--mode', 'auto'] if self.o.auto else []
        kind, _ = self.tool.run('\n'.join(head + gen.HEADER + body) + '\n', self.o.limit,
                                *modes)
        if kind:
            for k, (directives, tree) in enumerate(made):
                self.examine(f'{seed}_{k}', directives, tree)

    def run(self):
        end, seed, batches = time.monotonic() + self.o.time, self.o.seed, 0
        while time.monotonic() < end:
            self.batch(seed)
            seed, batches = seed + 1, batches + 1
        print(f'{batches * BATCH} kernels from seed {self.o.seed} on, {self.found} failed')
        return self.found != 0


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('build')
    p.add_argument('--time', type=float, default=60, help='seconds')
    p.add_argument('--seed', type=int, default=1000, help='of the first file of kernels')
    p.add_argument('--auto', action='store_true',
                   help='no forced modes: a third of the time')
    p.add_argument('--out', help='folder for what fails')
    p.add_argument('--limit', type=int, default=60,
                   help='seconds for a file, and then for a kernel alone')
    p.add_argument('--most', type=int, default=3, help='reductions of one kind of failure')
    p.add_argument('--reduce', metavar='FILE', help='reduce this file of one kernel')
    o = p.parse_args()
    o.out = o.out or os.path.join(o.build, 'fuzz')
    f = Fuzzer(o)
    if o.reduce:
        f.examine(os.path.basename(o.reduce)[:-4], *parse_file(o.reduce))
        return f.found
    return f.run()


if __name__ == '__main__':
    sys.exit(main())
