// Functions compiled twice, for AVX2 and for what the compiler assumes; the loader takes the
// better.
#pragma once
#include <cstddef>  // tells which C library this is

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BRAID_HAS_SANITIZER
#endif
#endif

/// Before a hot function of plain loops over arrays, outside of any template. Neither version has
/// fused multiply-adds, and sums along an array keep their order, so that both give the same bits.
/// A sanitizer's build has one version: its run time is not ready when the loader chooses.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && !defined(BRAID_HAS_SANITIZER)
#define BRAID_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define BRAID_CLONES
#endif
