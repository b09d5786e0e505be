#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the exported functions of libcuda and libcudart from their tables: each calls the
implementation, which has the same name with real_ before it (src/driver/rename.sh sees to that),
and describes the call to the tracer (src/driver/trace.h) where a trace is asked for.

  gen_trace.py driver TABLE --header H… --types H… --source OUT.c --names OUT.txt
  gen_trace.py runtime TABLE --abi 13 --header H… --types H… --source OUT.c --names OUT.txt

--names is for `objcopy --redefine-syms`. What a parameter is follows from its type and name:
enumerators, structures and typedefs are read from the headers given as --types."""
import argparse
import re

import gen_api
import gen_driver

SCALARS = {
    'char': 'TRACE_SIGNED', 'signed char': 'TRACE_SIGNED', 'unsigned char': 'TRACE_UNSIGNED',
    'short': 'TRACE_SIGNED', 'unsigned short': 'TRACE_UNSIGNED', 'int': 'TRACE_SIGNED',
    'unsigned int': 'TRACE_UNSIGNED', 'unsigned': 'TRACE_UNSIGNED', 'long': 'TRACE_SIGNED',
    'unsigned long': 'TRACE_UNSIGNED', 'long long': 'TRACE_SIGNED',
    'unsigned long long': 'TRACE_UNSIGNED', 'size_t': 'TRACE_UNSIGNED',
    'cuuint32_t': 'TRACE_UNSIGNED', 'cuuint64_t': 'TRACE_UNSIGNED', 'float': 'TRACE_FLOAT',
    'double': 'TRACE_FLOAT',
}
# Types that are more than their C type.
SPECIAL = {
    'CUstream': 'TRACE_STREAM', 'cudaStream_t': 'TRACE_STREAM',
    'struct CUstream_st *': 'TRACE_STREAM',
    'CUfunction': 'TRACE_FUNCTION', 'CUkernel': 'TRACE_FUNCTION',
    'cudaFunction_t': 'TRACE_FUNCTION', 'cudaKernel_t': 'TRACE_FUNCTION',
    'dim3': 'TRACE_DIM3', 'uint3': 'TRACE_DIM3', 'CUdeviceptr': 'TRACE_HEX',
    'CUtexObject': 'TRACE_HEX', 'CUsurfObject': 'TRACE_HEX', 'cudaTextureObject_t': 'TRACE_HEX',
    'cudaSurfaceObject_t': 'TRACE_HEX', 'CUmemGenericAllocationHandle': 'TRACE_HEX',
    'CUgraphConditionalHandle': 'TRACE_HEX', 'cudaGraphConditionalHandle': 'TRACE_HEX',
    'CUuuid': 'TRACE_BYTES', 'cudaUUID_t': 'TRACE_BYTES', 'struct CUuuid_st': 'TRACE_BYTES',
}
# Host functions that stand for kernels, and pointers that are not to be followed: lists whose
# length only the kernel or another list knows.
HOST_FUNCTIONS = {'func', 'host', 'entry', 'entryFuncAddr', 'symbolPtr', 'hostFun'}
NOT_FOLLOWED = {'args', 'kernelParams', 'extra', 'optionValues', 'jitOptionsValues',
                'libraryOptionValues', 'jitOptionValues', 'handle', 'tid', 'bid'}
COUNT = re.compile(r'(num|count|Count|n[A-Z]|max)')


class Headers:
    """Enumerations, structures and typedefs; a name is mapped as C spells the type."""

    def __init__(self, paths):
        self.enums, self.structs, self.typedefs = {}, {}, {}
        for path in paths:
            with open(path) as f:
                self.read(f.read())

    def read(self, text):
        text = re.sub(r'/\*.*?\*/', ' ', text, flags=re.S)
        text = re.sub(r'\\\n', ' ', text)
        text = '\n'.join(line for line in text.split('\n') if not line.lstrip().startswith('#'))
        for m in re.finditer(r'(typedef )?enum (\w+ )?\{([^}]*)\}\s*(\w+)?', text):
            names = re.findall(r'(?:^|,)\s*(\w+)', m[3])
            for spelling in filter(None, (m[2] and 'enum ' + m[2].strip(), m[1] and m[4])):
                self.enums[spelling] = names
        for m in re.finditer(r'(typedef )?struct (\w+) \{', text):
            body, end = self.balanced(text, m.end())
            name = re.match(r'\s*(\w+)?', text[end:])[1]
            fields = self.fields(body)
            self.structs['struct ' + m[2]] = fields
            if m[1] and name:
                self.structs[name] = fields
        for m in re.finditer(r'typedef ([\w ]+?[ *]+)(\w+);', text):
            self.typedefs[m[2]] = ' '.join(m[1].split())

    def balanced(self, text, at):
        """The text up to the brace that closes, and where what follows begins."""
        depth, start = 1, at
        while depth:
            depth += {'{': 1, '}': -1}.get(text[at], 0)
            at += 1
        return text[start:at - 1], at

    def fields(self, body):
        """[(name, type, array)]: unions and inner structures are left out."""
        flat, depth = '', 0
        for c in body:
            depth += {'{': 1, '}': -1}.get(c, 0)
            if not depth:
                flat += c
        out = []
        for d in flat.split(';'):
            m = re.match(r'\s*((?:const |enum |struct |unsigned |signed |long )*\w+) (.*)$', d, re.S)
            if not m or '}' in d or '(' in d or ':' in d or m[1] == 'union':
                continue
            for part in m[2].split(','):
                p = re.match(r'\s*(\**)\s*(\w+)\s*(\[.*\])?$', part)
                if p and 'reserved' not in p[2]:
                    out.append((p[2], (m[1] + ' ' + p[1]).strip(), bool(p[3])))
        return out


class Writer:
    """Descriptions of types, each made once, in an order in which C accepts them."""

    def __init__(self, headers):
        self.h, self.made, self.text = headers, {}, []

    def add(self, key, init):
        name = f't{len(self.made)}'
        self.made[key] = name
        self.text.append(f'static const struct trace_type {name} = {{{init}}};')
        return name

    def type(self, t):
        """The name of the description of C type t; None: nothing is known of it."""
        t = ' '.join(t.replace('*', ' * ').split()).replace('* *', '**')
        bare = re.sub(r'\bconst\b', '', t).strip()
        bare = ' '.join(bare.split())
        if bare in self.made:
            return self.made[bare]
        if bare in SPECIAL:
            return self.add(bare, f'{SPECIAL[bare]}, sizeof({bare})')
        if bare in SCALARS:
            return self.add(bare, f'{SCALARS[bare]}, sizeof({bare})')
        if bare == 'char *':
            return self.add(bare, 'TRACE_STRING, sizeof(char *)')
        if bare.endswith('*'):
            inner = self.type(bare[:-1].strip()) if bare != 'void *' else None
            target = f', .target = &{inner}' if inner else ''
            return self.add(bare, f'TRACE_POINTER, sizeof(void *){target}')
        if bare in self.h.enums:
            return self.enum(bare)
        if bare in self.h.structs:
            return self.struct(bare)
        if bare in self.h.typedefs:
            of = self.h.typedefs[bare]
            opaque = re.match(r'(const )?struct \w+ \*$', of)
            self.made[bare] = self.type('void *' if opaque else of)
            return self.made[bare]
        return None

    def enum(self, name):
        values = ', '.join(f'{{(long long){v}, "{v}"}}' for v in self.h.enums[name])
        n = len(self.made)
        self.text.append(f'static const struct trace_value v{n}[] = {{{values}}};')
        return self.add(name, f'TRACE_ENUM, sizeof({name}), {len(self.h.enums[name])}, '
                              f'.values = v{n}')

    def struct(self, name):
        fields = []
        for field, t, array in self.h.structs[name]:
            if array and t != 'char':
                continue
            made = self.type(t) if not array else self.chars(name, field)
            if made:
                fields.append(f'{{"{field}", offsetof({name}, {field}), &{made}}}')
        if not fields:
            return None
        n = len(self.made)
        self.text.append(f'static const struct trace_field s{n}[] = {{{", ".join(fields)}}};')
        return self.add(name, f'TRACE_STRUCT, sizeof({name}), {len(fields)}, .fields = s{n}')

    def chars(self, struct, field):
        """An array of characters, which is either a name or bytes."""
        kind = 'TRACE_STRING' if field == 'name' else 'TRACE_BYTES'
        return self.add(f'{struct}.{field}', f'{kind}, sizeof((({struct} *)0)->{field})')

    def param(self, params, i):
        t, name = params[i]
        pointer = t.rstrip().endswith('*')
        if t.replace(' ', '') in ('constvoid*', 'constchar*') and name in HOST_FUNCTIONS:
            made = self.made.get('kernel') or self.add('kernel', 'TRACE_FUNCTION, sizeof(void *)')
        elif name.lower() == 'flags' and t in ('unsigned int', 'unsigned long long', 'cuuint64_t'):
            made = self.made.get(t + '#') or self.add(t + '#', f'TRACE_HEX, sizeof({t})')
        else:
            made = self.type('void *' if pointer and name in NOT_FOLLOWED else t)
        if not made:
            made = self.type('void *')  # functions to be called, unions
        target = t.rstrip()[:-1].rstrip()
        constant = target.endswith('const') or ('*' not in target and 'const' in target.split())
        out = pointer and not constant and target != 'void'
        count = -1
        if pointer and i + 1 < len(params) and COUNT.match(params[i + 1][1]) and \
                params[i + 1][0] in ('size_t', 'unsigned int', 'int'):
            count = i + 1
        return f'{{"{name}", &{made}, {int(out)}, {count}}}'


def spelled(params):
    return ', '.join(f'{t} {n}'.replace('* ', '*') for t, n in params) or 'void'


def functions(o):
    """(name, result, parameters) of everything that is exported."""
    if o.api == 'driver':
        rows = gen_driver.read_table(o.table)
        protos, _ = gen_driver.read_prototypes(o.header)
        for r in rows:
            target = r['status'][3:] if r['status'].startswith('as:') else r['symbol']
            for s in gen_driver.variants(r):
                yield s, 'CUresult', protos.get(r['symbol'], protos.get(target, []))
        return
    protos = gen_api.read_prototypes(o.header)
    for r in gen_api.read_table(o.table):
        if r[f'in{o.abi}'] == '-':
            continue
        for s in gen_api.variants(r):
            ret, plist, _ = protos[r['name']]
            yield s, ret, plist


def wrapper(w, name, ret, params, export):
    plist = ', '.join(w.param(params, i) for i in range(len(params)))
    result = w.type(ret) if ret != 'void' else None
    if plist:
        w.text.append(f'static const struct trace_param p_{name}[] = {{{plist}}};')
    w.text.append(
        f'static struct trace_func f_{name} = {{"{name}", {"&" + result if result else "NULL"}, '
        f'{"p_" + name if plist else "NULL"}, {len(params)}, 0}};')
    args = ', '.join(n for _, n in params)
    taken = ', '.join('&' + n for _, n in params) or 'NULL'
    call = f'real_{name}({args})'
    sig = spelled(params)
    kind = '_VOID' if ret == 'void' else ''
    result = '' if ret == 'void' else f'{ret}, '
    back = '' if ret == 'void' else 'return '
    # The half that traces is a function of its own, so that the other is a test and a jump.
    w.text.append(f"""{ret} real_{name}({sig});
{export}{ret} {name}({sig});
static __attribute__((noinline, cold)) {ret}
traced_{name}({sig})
{{
   TRACED{kind}(f_{name}, {call}, {result}{taken});
}}
{export}{ret}
{name}({sig})
{{
   if (__builtin_expect(tracing_, 0))
      {back}traced_{name}({args});
   else
      {back}{call};
}}""")


def entry_table(o):
    """What cuGetProcAddress hands out, sorted by name, then version."""
    text = ['const struct driver_entry driver_entries[] = {']
    count = 0
    for r in sorted(gen_driver.read_table(o.table), key=lambda r: (r['name'], int(r['version']))):
        for s in gen_driver.variants(r):
            mine = s != r['symbol']
            version = r['per_thread_version'] if mine else r['version']
            text.append(f'   {{"{r["name"]}", {version}, {int(mine)}, (void (*)(void)){s}}},')
            count += 1
    return text + ['};', f'const unsigned driver_entry_count = {count};']


HEADS = {
    'driver': ['#include "driver/driver_api.h"', '#include "driver/trace.h"'],
    'runtime': ['#include "rt_priv.h"', '#include "../driver/trace.h"', '#if RT_ABI == 12',
                '#pragma GCC visibility push(default)', '#include "rt_exports12.h"',
                '#pragma GCC visibility pop', '#endif'],
}
# How a library names kernels; the switch is set before the constructors of programs register
# their code.
FUNCTION_NAME = {'driver': 'NULL', 'runtime': 'rt_function_name'}
START = """
static const struct trace_library library_ = {TRACE_VERSION, %s};
static bool tracing_;
__attribute__((constructor(101))) static void
start(void)
{
   tracing_ = kasuri_trace_start && kasuri_trace_start(&library_);
}
"""


def main():
    a = argparse.ArgumentParser()
    a.add_argument('api', choices=('driver', 'runtime'))
    a.add_argument('table')
    a.add_argument('--abi')
    a.add_argument('--header', action='append', default=[])
    a.add_argument('--types', action='append', default=[])
    a.add_argument('--source')
    a.add_argument('--names')
    o = a.parse_args()
    w = Writer(Headers(o.types))
    driver = o.api == 'driver'
    head = ['/* Generated by scripts/gen_trace.py: do not edit. */', *HEADS[o.api]]
    if driver:
        head += [f'#undef {m}' for m in gen_driver.read_prototypes(o.header)[1]]
    w.text.append(START % FUNCTION_NAME[o.api])
    names = []
    for name, ret, params in functions(o):
        wrapper(w, name, ret, params, 'KASURI_EXPORT ' if driver else
                '__attribute__((visibility("default"))) ')
        names.append(name)
    if driver:
        w.text += entry_table(o)
    with open(o.source, 'w') as f:
        f.write('\n'.join(head + w.text) + '\n')
    with open(o.names, 'w') as f:
        f.writelines(f'{n} real_{n}\n' for n in names)


if __name__ == "__main__":
    main()
