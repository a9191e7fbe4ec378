#pragma once

/// xxHash, through one header. Threads: no state.

#if defined(__x86_64__)
#include <xxh_x86dispatch.h>  // the same names, for the widest registers that the processor has
#else
#include <xxhash.h>
#endif
