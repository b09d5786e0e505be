#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs Kasuri's tests on a build folder and ends with `N passed, N failed`.

usage: tests/run.py BUILD [SUITE…] [--only GLOB] [--backend LEG] [-j N] [--list]
                    [--json FILE] [-v]

Suites (all of them without a name):
   unit      the programs that meson registers; what each counts is added up
   ptx       tests/ptx/*.ptx on every back end and mode, see tests/ptx/README.md, and what
             the GENERATORS of tests/gen make; simd_*.ptx once more as code for AVX2 where
             this processor has AVX-512, some as code for the oldest x86
   compile   tests/compile/*.cu: must compile
   programs  tests/programs/*.cu and examples/*.cu: compiled once by `kasuri nvcc`, run on
             every leg; a program checks its own result, and all legs must print the same
   no-llvm   the same programs without the LLVM module, under default settings
   tools     tests/tools/*.py BUILD
   house     tests/house/*.py BUILD: rules that the tree itself keeps, see docs/house.md

Legs of programs: interp; simd, with the mode that the analysis picks; warp and thread,
which force a mode; full, the default settings at the default problem size.

A program says how to run it in lines that start with `// TEST`:
   // TEST args ARGS…          arguments at the default size (leg full)
   // TEST small ARGS…         arguments of all other legs
   // TEST legs LEG…           only these legs
   // TEST skip LEG REASON     not on this leg
   // TEST xfail LEG REASON    known to fail there; passing is a failure
   // TEST flags FLAGS…        for the compiler
   // TEST status N            the exit status that is right
Several args or small lines are several runs. {tmp} is a scratch folder. Lines of output that
hold a measured time (see TIMED) are not compared."""
import argparse
import concurrent.futures
import fnmatch
import glob
import json
import os
import platform
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SUITES = ('unit', 'ptx', 'compile', 'programs', 'no-llvm', 'tools', 'house')
LEGS = {
    'interp': {'KASURI_BACKEND': 'interp'},
    'simd': {'KASURI_BACKEND': 'simd'},
    'warp': {'KASURI_BACKEND': 'simd', 'KASURI_MODE': 'warp'},
    'thread': {'KASURI_BACKEND': 'simd', 'KASURI_MODE': 'thread'},
    'full': {},
}
COUNTS = re.compile(r'^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$', re.M)
# What the oldest x86 has no instructions for.
OLD = ('old_processor', 'exec_atomics', 'atomic_row', 'simd_order', 'simd_nan_cvt')
TIMED = re.compile(r'\d\s*(ns|us|µs|ms|s|[GM]B/s|[GM]FLOP/s|a second)\b')
# Not every kernel can run in warp mode; refusing it there is right.
REFUSED = re.compile(r'cannot run in warp mode: (.*) \[simd-mode\]')
GENERATORS = ('divergence.py', 'instructions.py', 'kernels.py', 'memory.py', 'shapes.py', 'warp.py')
# What a test may take, in seconds; the machine may be busy with others.
UNIT_SECONDS, PTX_SECONDS, COMPILE_SECONDS, RUN_SECONDS, TOOL_SECONDS = 180, 120, 90, 60, 240


class Result:
    def __init__(self, name, passed=0, failed=0, skipped=0, text='', seconds=0.0):
        self.name, self.text, self.seconds = name, text, seconds
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def state(self):
        return 'failed' if self.failed else 'skipped' if self.skipped else 'passed'


def has_avx512():
    try:
        with open('/proc/cpuinfo') as f:
            return 'avx512f' in f.read().split()
    except OSError:
        return False


def code_for(name):
    """Processors besides this one, which has all that they have, to compile a test for."""
    if name.startswith('simd_') and has_avx512():
        yield 'haswell'
    if platform.machine() == 'x86_64' and name in OLD:
        yield 'x86-64'


class Test:
    """One thing to do: run() gives a list of results."""

    def __init__(self, suite, name, run):
        self.suite, self.name, self.run = suite, name, run


def execute(command, seconds, env=None, cwd=None):
    """(status, output, seconds); the whole process group ends at the time limit."""
    begin = time.monotonic()
    p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, env=env, cwd=cwd, start_new_session=True)
    try:
        out, _ = p.communicate(timeout=seconds)
        status = p.returncode
    except subprocess.TimeoutExpired:
        os.killpg(p.pid, signal.SIGKILL)
        out, _ = p.communicate()
        out += b'\n(stopped after %d s)' % seconds
        status = 'timeout'
    return status, out.decode('utf-8', 'replace'), time.monotonic() - begin


def status_text(status):
    if isinstance(status, int) and status < 0:
        try:
            return 'ended by ' + signal.Signals(-status).name
        except ValueError:
            return f'ended by signal {-status}'
    return f'exit status {status}'


def counted(name, command, seconds, env=None, cwd=None):
    """A program that counts its checks, or whose exit status alone says it."""
    status, out, took = execute(command, seconds, env, cwd)
    counts = COUNTS.findall(out)
    passed = failed = skipped = 0
    if counts:
        passed, failed, skipped = (int(x or 0) for x in counts[-1])
    elif status == 77:
        skipped = 1
    elif status == 0:
        passed = 1
    if status not in (0, 77) and not failed:
        failed = 1
        out += f'\n({status_text(status)})'
    text = out if failed or skipped else ''
    return Result(name, passed, failed, skipped, text, took)


class Runner:
    def __init__(self, options):
        self.o = options
        self.build = os.path.abspath(options.build)
        self.kasuri = os.path.join(self.build, 'kasuri')
        self.work = tempfile.mkdtemp(prefix='kasuri-tests-')
        self.lock = threading.Lock()
        self.results = []
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(('KASURI_', 'NVCC_'))}
        self.env.update(KASURI_CACHE_DIR=os.path.join(self.work, 'cache'),
                        KASURI_THREADS='2', KASURI_WATCHDOG='50', LC_ALL='C.UTF-8')
        self.has_simd = bool(glob.glob(os.path.join(self.build, '**', 'kasuri-simd.so'),
                                       recursive=True))
        self.programs = {}

    # -- Suites
    def unit(self):
        out = subprocess.run(['meson', 'introspect', self.build, '--tests'], check=True,
                             capture_output=True, text=True).stdout
        for t in json.loads(out):
            if any(s.endswith(':ptx') for s in t['suite']):
                continue
            env = dict(self.env, **t.get('env', {}))
            seconds = max(UNIT_SECONDS, t.get('timeout') or 0)
            name = re.sub('^unit_', '', t['name'])
            yield Test('unit', name, lambda t=t, env=env, n=name, s=seconds: [counted(
                n, t['cmd'], s, env, t.get('workdir') or self.build)])

    def generated(self):
        """What tests/gen makes at each run; it stays in the build folder to be looked at."""
        folder = os.path.join(self.build, 'tests', 'generated')
        shutil.rmtree(folder, ignore_errors=True)
        for name in GENERATORS:
            subprocess.run([sys.executable, os.path.join(ROOT, 'tests', 'gen', name), folder],
                           check=True, timeout=120)
        return folder

    def ptx(self):
        ptxrun = os.path.join(self.build, 'tests', 'ptxrun')
        for folder in (os.path.join(ROOT, 'tests', 'ptx'), self.generated()):
            for path in sorted(glob.glob(os.path.join(folder, '**', '*.ptx'), recursive=True)):
                name = os.path.relpath(path, folder)[:-4]
                yield Test('ptx', name, lambda p=path, n=name: self.run_ptx(ptxrun, p, n))

    def run_ptx(self, ptxrun, path, name):
        results = []
        for back, workers in (('interp', '1'), ('simd', '2')):
            if self.o.backend and self.o.backend != back:
                continue
            leg = f'{name}@{back}'
            if back == 'simd' and not self.has_simd:
                results.append(Result(leg, skipped=1, text='no LLVM module in this build'))
                continue
            results.append(counted(
                leg, [ptxrun, '--backend', back, '--workers', workers,
                      os.path.relpath(path, ROOT)], PTX_SECONDS, self.env, ROOT))
            for cpu in code_for(name) if back == 'simd' else ():
                results.append(counted(
                    f'{name}@{cpu}', [ptxrun, '--backend', back, os.path.relpath(path, ROOT)],
                    PTX_SECONDS, dict(self.env, KASURI_CPU=cpu), ROOT))
        return results

    def compile(self):
        for path in sorted(glob.glob(os.path.join(ROOT, 'tests', 'compile', '*.cu'))):
            name = os.path.basename(path)[:-3]
            yield Test('compile', name, lambda p=path, n=name: [counted(
                n, [self.kasuri, 'nvcc', '-c', p, '-o', os.path.join(self.work, n + '.o')],
                COMPILE_SECONDS, self.env)])

    def tools(self):
        for path in sorted(glob.glob(os.path.join(ROOT, 'tests', 'tools', '*.py'))):
            name = os.path.basename(path)[:-3]
            yield Test('tools', name, lambda p=path, n=name: [counted(
                n, [sys.executable, p, self.build], TOOL_SECONDS, self.env)])

    def house(self):
        for path in sorted(glob.glob(os.path.join(ROOT, 'tests', 'house', '*.py'))):
            name = os.path.basename(path)[:-3]
            yield Test('house', name, lambda p=path, n=name: [counted(
                n, [sys.executable, p, self.build], TOOL_SECONDS, self.env)])

    def sources(self):
        return sorted(glob.glob(os.path.join(ROOT, 'examples', '*.cu'))) + \
            sorted(glob.glob(os.path.join(ROOT, 'tests', 'programs', '*.cu')))

    def program_tests(self):
        for path in self.sources():
            name = os.path.relpath(path, ROOT)[:-3].replace('tests/', '')
            yield Test('programs', name, lambda p=path, n=name: self.run_program(p, n))

    def no_llvm(self):
        """Every fourth program shows that the interpreter takes over by itself."""
        for path in self.sources()[::4]:
            name = os.path.relpath(path, ROOT)[:-3].replace('tests/', '')
            yield Test('no-llvm', name, lambda p=path, n=name: self.run_bare(p, n))

    # -- Programs
    def directives(self, path):
        d = {'args': [], 'small': [], 'legs': list(LEGS), 'skip': {}, 'xfail': {},
             'flags': [], 'status': 0}
        with open(path, encoding='utf-8') as f:
            for line in f:
                m = re.match(r'\s*// TEST (\w+) ?(.*)', line)
                if not m:
                    continue
                word, rest = m.group(1), m.group(2).strip()
                if word in ('args', 'small'):
                    d[word].append(shlex.split(rest))
                elif word in ('skip', 'xfail'):
                    leg, _, reason = rest.partition(' ')
                    if not reason or leg not in (*LEGS, 'no-llvm', 'all'):
                        raise ValueError(f'{path}: {word} wants a leg and a reason')
                    for each in LEGS if leg == 'all' else [leg]:
                        d[word][each] = reason
                elif word in ('legs', 'flags'):
                    d[word] = rest.split()
                elif word == 'status':
                    d[word] = int(rest)
                else:
                    raise ValueError(f'{path}: unknown directive {word}')
        d['args'] = d['args'] or [[]]
        d['small'] = d['small'] or d['args']
        return d

    def build_program(self, path, d):
        """Compiled once, whoever asks first; (program, None) or (None, result's text)."""
        with self.lock:
            entry = self.programs.setdefault(path, {'lock': threading.Lock()})
        with entry['lock']:
            if 'done' not in entry:
                exe = os.path.join(self.work, os.path.basename(path)[:-3] + f'-{len(self.programs)}')
                status, out, took = execute(
                    [self.kasuri, 'nvcc', '-std=c++17', *d['flags'], path, '-o', exe],
                    COMPILE_SECONDS, self.env, ROOT)
                entry['done'] = (exe, None) if status == 0 else \
                    (None, f'{out}\n(kasuri nvcc: {status_text(status)})')
            return entry['done']

    def run_once(self, exe, args, extra, d):
        tmp = tempfile.mkdtemp(dir=self.work)
        args = [a.replace('{tmp}', tmp) for a in args]
        status, out, took = execute([self.kasuri, 'run', exe, *args], RUN_SECONDS,
                                    dict(self.env, **extra), tmp)
        shutil.rmtree(tmp, ignore_errors=True)
        out = out.replace(tmp, '{tmp}')
        ok = status == d['status']
        return ok, out if ok else f'{out}\n({status_text(status)})', took

    def run_leg(self, exe, leg, d, outputs):
        text, took = '', 0.0
        for args in d['args' if leg == 'full' else 'small']:
            ok, out, t = self.run_once(exe, args, LEGS[leg], d)
            took += t
            if not ok:
                text += out
            elif leg != 'full':
                lines = [x for x in out.splitlines()
                         if not TIMED.search(x) and not x.startswith('kasuri: ')]
                first = outputs.setdefault(tuple(args), (leg, lines))
                if first[1] != lines:
                    text += f'prints other than on {first[0]}:\n' + '\n'.join(
                        [f'   {first[0]}: {a}\n   {leg}: {b}' for a, b in
                         zip(first[1] + [''] * len(lines), lines + [''] * len(first[1]))
                         if a != b][:5]) + '\n'
        return text, took

    def run_program(self, path, name):
        d = self.directives(path)
        exe, problem = self.build_program(path, d)
        if problem:
            return [Result(name, failed=1, text=problem)]
        results, outputs = [], {}
        for leg in LEGS:
            full = f'{name}@{leg}'
            if self.o.backend and leg != self.o.backend:
                continue
            if leg not in d['legs']:
                continue
            if leg in d['skip']:
                results.append(Result(full, skipped=1, text=d['skip'][leg]))
                continue
            if leg in ('simd', 'warp', 'thread') and not self.has_simd:
                results.append(Result(full, skipped=1, text='no LLVM module in this build'))
                continue
            text, took = self.run_leg(exe, leg, d, outputs)
            refused = REFUSED.search(text) if leg == 'warp' else None
            if refused:
                results.append(Result(full, skipped=1, text=refused.group(1), seconds=took))
                continue
            if leg in d['xfail']:
                if text:
                    results.append(Result(full, passed=1, seconds=took))
                else:
                    results.append(Result(full, failed=1, text='passes, against its xfail: ' +
                                          d['xfail'][leg], seconds=took))
                continue
            results.append(Result(full, passed=not text, failed=bool(text), text=text,
                                  seconds=took))
        return results

    def run_bare(self, path, name):
        d = self.directives(path)
        full = f'{name}@no-llvm'
        if 'no-llvm' in d['skip'] or 'interp' in d['skip'] or 'interp' not in d['legs']:
            return [Result(full, skipped=1, text='not on the interpreter')]
        exe, problem = self.build_program(path, d)
        if problem:
            return [Result(full, failed=1, text=problem)]
        text = ''
        for args in d['small']:
            ok, out, took = self.run_once(
                exe, args, {'KASURI_SIMD_MODULE': '/nonexistent/kasuri-simd.so'}, d)
            text += '' if ok else out
        return [Result(full, passed=not text, failed=bool(text), text=text, seconds=took)]

    # -- The run
    def collect(self):
        makers = {'unit': self.unit, 'ptx': self.ptx, 'compile': self.compile,
                  'programs': self.program_tests, 'no-llvm': self.no_llvm, 'tools': self.tools,
                  'house': self.house}
        wanted = self.o.suites or SUITES
        tests = [t for s in SUITES if s in wanted for t in makers[s]()]
        if self.o.only:
            tests = [t for t in tests if any(
                fnmatch.fnmatch(n, self.o.only)
                for n in (t.name, f'{t.suite}/{t.name}', os.path.basename(t.name)))]
        return tests

    def targets(self):
        """Builds what is not built by default."""
        suites = self.o.suites or SUITES
        if not {'unit', 'ptx'} & set(suites):
            return True
        status, out, _ = execute(['ninja', '-C', self.build, f'-j{self.o.j}',
                                  'meson-test-prereq'], 1200, self.env)
        if status != 0:
            print(out)
            print('run.py: the test programs do not build')
        return status == 0

    def one(self, test):
        try:
            return test, test.run()
        except Exception as e:  # a broken test is a failure, not the runner's end
            return test, [Result(test.name, failed=1, text=f'{type(e).__name__}: {e}')]

    def report(self, test, results, done, total):
        if sys.stdout.isatty():
            print(f'\r\033[K[{done}/{total}] {test.suite}/{test.name}', end='', flush=True)
        for r in results:
            r.name = f'{test.suite}/{r.name}'
            self.results.append(r)
            if r.failed or r.skipped or self.o.verbose:
                clear = '\r\033[K' if sys.stdout.isatty() else ''
                text = r.text.strip()
                if len(text) > 4000:
                    text = text[:2500] + '\n…\n' + text[-1400:]
                if r.state() == 'skipped':
                    print(f'{clear}skip {r.name}: {text.splitlines()[-1] if text else "?"}',
                          flush=True)
                else:
                    print(f'{clear}{"FAIL" if r.failed else "pass"} {r.name} '
                          f'({r.seconds:.1f} s)' + (f'\n{text}' if r.failed else ''), flush=True)

    def run(self):
        if self.o.list:
            for t in self.collect():
                print(f'{t.suite}/{t.name}')
            return 0
        if not self.targets():
            print('0 passed, 1 failed')
            return 1
        tests = self.collect()
        if not tests:
            print('run.py: nothing matches')
            return 2
        with concurrent.futures.ThreadPoolExecutor(self.o.j) as pool:
            jobs = [pool.submit(self.one, t) for t in tests]
            for done, job in enumerate(concurrent.futures.as_completed(jobs), 1):
                self.report(*job.result(), done, len(tests))
        if sys.stdout.isatty():
            print('\r\033[K', end='')
        return self.finish()

    def finish(self):
        passed, failed, skipped = (sum(getattr(r, k) for r in self.results)
                                   for k in ('passed', 'failed', 'skipped'))
        if self.o.json:
            with open(self.o.json, 'w', encoding='utf-8') as f:
                json.dump([dict(name=r.name, state=r.state(), passed=int(r.passed),
                                failed=int(r.failed), skipped=int(r.skipped),
                                seconds=round(r.seconds, 3), text=r.text)
                           for r in self.results], f, indent=1)
        bad = [r.name for r in self.results if r.failed]
        if bad:
            print('failed: ' + ' '.join(bad))
        print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
        return failed != 0


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('build')
    p.add_argument('suites', nargs='*', choices=[*SUITES, []], metavar='SUITE')
    p.add_argument('--only', metavar='GLOB', help='names such as ptx/exec_* or saxpy')
    p.add_argument('--backend', choices=list(LEGS), metavar='LEG', help='one leg alone')
    p.add_argument('-j', type=int, default=min(os.cpu_count() or 2, 16))
    p.add_argument('--list', action='store_true')
    p.add_argument('--json', metavar='FILE')
    p.add_argument('-v', '--verbose', action='store_true')
    runner = Runner(p.parse_args())
    try:
        return runner.run()
    finally:
        shutil.rmtree(runner.work, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
