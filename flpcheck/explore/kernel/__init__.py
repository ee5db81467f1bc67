"""The kernel: exploration as table look-ups over bit-packed configurations, compiled by Numba.

It sees integer arrays and never a protocol; it imports numpy, numba, math and itself.  Every function stands at module
level and is specialised by argument types only, so that compiled code is cached on disk.  Signed integers are used in
everything that fills tables, unsigned ones in the hot loop; they never meet, because Numba would make floats of them.
"""
