#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes from an API table the calls with null and bad arguments that tests/runtime/arguments.h
judges: of each exported function one call with likely arguments, and from it, one change at a
time, each pointer and handle null, each handle, enumerator, device address, device number and
flag one that cannot be, each size 0, and, of what allocates, one that nobody has. The table's column `null` names the parameters that CUDA lets be null.

  gen_arguments.py driver TABLE --header H… --types H… --source OUT.c
  gen_arguments.py runtime TABLE --abi 13 --header H… --types H… --source OUT.c"""
import argparse
import re

import gen_api
import gen_driver
import gen_trace

# What the harness keeps one of, by type; written as o.NAME.
OBJECTS = {
    'CUcontext': 'ctx', 'CUstream': 'stream', 'CUevent': 'event', 'CUmodule': 'module',
    'CUfunction': 'func', 'CUlibrary': 'library', 'CUkernel': 'kernel', 'CUgraph': 'graph',
    'CUgraphNode': 'node', 'CUgraphExec': 'exec', 'CUmemoryPool': 'pool', 'CUarray': 'array',
    'CUlinkState': 'link', 'CUuserObject': 'user', 'CUmemGenericAllocationHandle': 'alloc',
    'cudaStream_t': 'stream', 'struct CUstream_st *': 'stream', 'cudaEvent_t': 'event',
    'cudaGraph_t': 'graph', 'cudaGraphNode_t': 'node', 'cudaGraphExec_t': 'exec',
    'cudaMemPool_t': 'pool', 'cudaArray_t': 'array', 'cudaArray_const_t': 'array',
    'cudaUserObject_t': 'user', 'cudaKernel_t': 'kernel', 'cudaFunction_t': 'func',
    'cudaLibrary_t': 'library',
}
# Handles that nothing here makes.
OTHER_HANDLES = re.compile(r'(CU|cuda)(graphicsResource|GraphicsResource|mipmappedArray|'
                           r'MipmappedArray|externalMemory|ExternalMemory|externalSemaphore|'
                           r'ExternalSemaphore|greenCtx|texref|surfref|asyncCallbackHandle|'
                           r'AsyncCallbackHandle|LogsCallbackHandle|LogsCallback)'
                           r'(_t|_const_t)?$', re.I)
CALLBACKS = {'CUhostFn': 'host_function', 'cudaHostFn_t': 'host_function',
             'CUstreamCallback': 'stream_function', 'cudaStreamCallback_t': 'stream_function',
             'CUoccupancyB2DSize': 'size_function', 'cudaAsyncCallback': 'NULL'}
STREAMS = {'CUstream', 'cudaStream_t', 'struct CUstream_st *'}
DEVICES = {'CUdevice', 'device', 'dev', 'ordinal', 'peerDevice', 'srcDevice', 'dstDevice'}
DEVICE_MEMORY = {'devPtr', 'dst', 'src', 'ptr', 'dptr'}
VALUES = {'dim3': '{1, 1, 1}', 'CUmemLocation': '{1, 0}', 'struct cudaMemLocation': '{1, 0}',
          'struct cudaExtent': '{16, 1, 1}'}
BAD = '0x123450000ull'


class Writer:
    def __init__(self, headers, nullable):
        self.h, self.nullable, self.text, self.entries = headers, nullable, [], []

    def is_enum(self, t):
        return t in self.h.enums

    def handle(self, t):
        return t in OBJECTS or bool(OTHER_HANDLES.match(t))

    def likely(self, t, name, i):
        """An argument that might be given."""
        bare = re.sub(r'\bconst\b', '', t).strip()
        bare = ' '.join(bare.split())
        if bare in OBJECTS:
            return f'o.{OBJECTS[bare]}'
        if bare in CALLBACKS:
            return CALLBACKS[bare]
        if self.handle(t):
            return f'({t})(uintptr_t){BAD}'
        if bare == 'CUdeviceptr':
            return 'o.mem'
        if bare.endswith('*'):
            return self.likely_pointer(t, bare, name, i)
        if self.is_enum(t):
            return f'({t})0' if not self.h.enums[t] else self.h.enums[t][0]
        if t in VALUES:
            return f'(({t}){VALUES[t]})'
        if t in ('CUdevice',) or name in DEVICES or name.lower() == 'flags':
            return '0'
        if t == 'size_t' and re.search('[Ww]idth|[Cc]ount|[Ss]ize|Bytes', name):
            return '16' if not name.startswith('num') else '1'
        return '1' if t in gen_trace.SCALARS else f'(({t}){{0}})'

    def likely_pointer(self, t, bare, name, i):
        of = bare[:-1].strip()
        if of in OBJECTS and 'const' in t:
            return f'&o.{OBJECTS[of]}'
        if bare == 'char *' and 'const' in t:
            return 'o.stub' if name in gen_trace.HOST_FUNCTIONS else \
                '"/absent/file"' if 'ath' in name or 'file' in name.lower() else '"f"'
        if name in ('extra', 'options', 'optionValues'):
            return 'NULL'
        if bare == 'void *':
            if name in ('image', 'code', 'fatCubin', 'fatbin'):
                return '(void *)(uintptr_t)image'
            if name in gen_trace.HOST_FUNCTIONS:
                return 'o.stub'
            if name in DEVICE_MEMORY:
                return '(void *)(uintptr_t)o.mem'
        return f'scratch({i})'

    def bad(self, t, name):
        """[(what, argument)]: what can never be right."""
        bare = ' '.join(re.sub(r'\bconst\b', '', t).split())
        if bare == 'CUdeviceptr':
            return [('wild', f'(CUdeviceptr){BAD}')]
        if self.handle(bare):
            return [('no such', f'({t})(uintptr_t){BAD}')]
        if self.is_enum(t):
            return [('no such', f'({t})0x7ffffff0')]
        if t == 'CUdevice' or (t == 'int' and name in DEVICES):
            return [('none', '99'), ('negative', '-77')]
        if name.lower() == 'flags' and 'int' in t and '*' not in t:
            return [('unknown', '0xfffffff0u')]
        return []

    def can_be_null(self, t):
        bare = ' '.join(re.sub(r'\bconst\b', '', t).split())
        return bare.endswith('*') or self.handle(bare) or bare in CALLBACKS

    def function(self, name, status, ret, params, nullable, known):
        likely = [self.likely(t, n, i) for i, (t, n) in enumerate(params)]
        calls = [('likely', likely, 'ANY')]
        for i, (t, n) in enumerate(params):
            if status != 'no' and self.can_be_null(t):
                judge = 'SAME' if n in nullable else 'ERROR'
                if t in STREAMS and not re.search('Destroy|BeginCapture(?!.*_ptsz)', name):
                    judge = 'SAME'  # the default stream
                calls.append((f'{n} null', likely[:i] + [f'({t})0'] + likely[i + 1:], judge))
            for what, arg in self.bad(t, n) if status != 'no' else []:
                if t == 'CUdeviceptr' and re.match('cuMemcpy(Async)?(_pt.z|_ptds)?$', name):
                    continue  # may be the host's memory, which is not looked up
                calls.append((f'{n} {what}', likely[:i] + [arg] + likely[i + 1:], 'ERROR'))
        for i, (t, n) in enumerate(params):
            if status != 'no' and t == 'size_t':
                calls.append((f'{n} zero', likely[:i] + ['0'] + likely[i + 1:], 'ANY'))
                if re.search('Alloc|Malloc|MemCreate|Reserve', name) and n != 'alignment':
                    calls.append((f'{n} huge', likely[:i] + ['(size_t)1 << 62'] + likely[i + 1:],
                                  'ERROR'))
        if ret not in ('CUresult', 'cudaError_t'):
            calls = [(what, args, 'ANY') for what, args, _ in calls]
        zero = [f'(({t}){{0}})' for t, _ in params]
        calls.append(('all zero', zero, 'UNSUPPORTED' if status == 'no' else 'ANY'))
        body = ''.join(f'   case {k}:\n      {self.call(name, ret, args)}\n'
                       for k, (_, args, _) in enumerate(calls))
        judged = ', '.join(f'{{"{what}", {judge}}}' for what, _, judge in calls)
        self.text.append(f"""{ret} {name}({gen_trace.spelled(params)});
static int
call_{name}(int which)
{{
   switch (which) {{
{body}   }}
   return -1;
}}
static const struct variant v_{name}[] = {{{judged}}};""")
        self.entries.append(f'   {{"{name}", call_{name}, v_{name}, {len(calls)}}},')

    def call(self, name, ret, args):
        text = f'{name}({", ".join(args)})'
        if ret in ('CUresult', 'cudaError_t'):
            return f'return (int){text};'
        return f'{text};\n      return 0;' if ret == 'void' else f'(void){text};\n      return 0;'


def rows_of(o):
    """(name, status, result, parameters, nullable)."""
    if o.api == 'driver':
        protos, _ = gen_driver.read_prototypes(o.header)
        for r in gen_driver.read_table(o.table):
            target = r['status'][3:] if r['status'].startswith('as:') else r['symbol']
            params = protos.get(r['symbol'], protos.get(target))
            for s in gen_driver.variants(r):
                yield s, r['status'], 'CUresult', params or [], r['null'].split(',')
        return
    protos = gen_api.read_prototypes(o.header)
    for r in gen_api.read_table(o.table):
        if r[f'in{o.abi}'] != '-':
            ret, params, _ = protos[r['name']]
            for s in gen_api.variants(r):
                yield s, r['status'], ret, params, r['null'].split(',')


def main():
    a = argparse.ArgumentParser()
    a.add_argument('api', choices=('driver', 'runtime'))
    a.add_argument('table')
    a.add_argument('--abi')
    a.add_argument('--header', action='append', default=[])
    a.add_argument('--types', action='append', default=[])
    a.add_argument('--source')
    o = a.parse_args()
    w = Writer(gen_trace.Headers(o.types), {})
    head = ['/* Generated by scripts/gen_arguments.py: do not edit. */',
            f'#include "arguments_{o.api}.h"']
    if o.api == 'driver':
        head += [f'#undef {m}' for m in gen_driver.read_prototypes(o.header)[1]]
    for name, status, ret, params, nullable in rows_of(o):
        w.function(name, status, ret, params, nullable, True)
    w.text += ['const struct function functions[] = {', *w.entries, '};',
               f'const unsigned function_count = {len(w.entries)};']
    with open(o.source, 'w') as f:
        f.write('\n'.join(head + w.text) + '\n')


main()
