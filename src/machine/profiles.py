#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes profiles.txt a string of C, a line each: profiles.py IN OUT."""
import sys

with open(sys.argv[1]) as f:
    lines = f.read().splitlines()
with open(sys.argv[2], 'w') as f:
    f.write('#include "machine/profile.h"\nconst char device_profiles_text[] =\n')
    for line in lines:
        f.write('   "%s\\n"\n' % line.replace('\\', '\\\\').replace('"', '\\"'))
    f.write(';\n')
