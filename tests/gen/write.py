# SPDX-License-Identifier: Apache-2.0
"""What the generators of PTX tests share: their command line and how a file is laid out."""
import argparse
import os
import random


def layout(about, directives, header, text):
    """A test file: its directives first, as ptxrun reads them, then the module."""
    return '\n'.join(['// SPDX-License-Identifier: Apache-2.0', f'// {about}', *directives,
                      *header, '', *text])


def kernels_file(kernel, about, header):
    """make_file of write_files for a class whose make() gives directives and PTX lines."""
    def make_file(seed, count):
        rng = random.Random(seed)
        head, text = [], []
        for k in range(count):
            h, t = kernel(rng, f'k{k}').make()
            head += h
            text += t
        return layout(about.format(seed=seed), head, header, text)
    return make_file


def write_files(doc, name, make_file, files, kernels):
    """Writes FOLDER/name_SEED.ptx for as many seeds as the command line asks for."""
    p = argparse.ArgumentParser(description=doc.split('\n')[0])
    p.add_argument('folder')
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--files', type=int, default=files)
    p.add_argument('--kernels', type=int, default=kernels, help='in each file')
    o = p.parse_args()
    os.makedirs(o.folder, exist_ok=True)
    for seed in range(o.seed, o.seed + o.files):
        with open(os.path.join(o.folder, f'{name}_{seed:02}.ptx'), 'w') as f:
            f.write(make_file(seed, o.kernels))
