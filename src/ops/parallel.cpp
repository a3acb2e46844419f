#include "ops/parallel.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>

namespace braid::ops {
namespace {

// What g++ -fopenmp compiles `#pragma omp parallel` to. Looked up rather than linked: the copy of
// libgomp that libtorch loaded is the one whose team is warm, and clang's own runtime would be a
// second one.
using GompParallel = void (*)(void (*)(void*), void*, unsigned, unsigned);
using OmpNumber = int (*)();
using OmpSetNumber = void (*)(int);

struct OpenMp {
  GompParallel parallel = reinterpret_cast<GompParallel>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  OmpNumber thread = reinterpret_cast<OmpNumber>(dlsym(RTLD_DEFAULT, "omp_get_thread_num"));
  OmpNumber threads = reinterpret_cast<OmpNumber>(dlsym(RTLD_DEFAULT, "omp_get_num_threads"));
  OmpSetNumber set_most =
      reinterpret_cast<OmpSetNumber>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  bool is_there() const {
    return parallel != nullptr && thread != nullptr && threads != nullptr && set_most != nullptr;
  }
};

const OpenMp& open_mp() {
  static const OpenMp runtime;
  return runtime;
}

struct Work {
  int64_t size;
  void (*call)(void*, int64_t, int64_t, int);
  void* body;
};

// Each thread of the team takes its share; the runtime may give fewer threads than were asked for.
void run_share(void* pointer) {
  const Work& work = *static_cast<Work*>(pointer);
  const int64_t share = open_mp().thread(), shares = open_mp().threads();
  const int64_t begin = work.size * share / shares, end = work.size * (share + 1) / shares;
  if (begin < end) work.call(work.body, begin, end, static_cast<int>(share));
}

}  // namespace

int num_shares(int64_t size, int64_t grain) {
  if (!open_mp().is_there() || at::in_parallel_region()) return 1;
  const int64_t useful = size / std::max<int64_t>(grain, 1);
  return static_cast<int>(std::clamp<int64_t>(useful, 1, at::get_num_threads()));
}

void detail::parallel(int64_t size, int64_t grain, void (*call)(void*, int64_t, int64_t, int),
                      void* body) {
  const int shares = num_shares(size, grain);
  if (shares == 1) {
    if (size > 0) call(body, 0, size, /*share=*/0);
    return;
  }
  Work work{size, call, body};
  open_mp().parallel(run_share, &work, static_cast<unsigned>(shares), /*flags=*/0);
}

// OpenMP keeps this number for each thread of a team apart. libtorch sets it when a thread first
// asks, so it is asked before.
ThreadScope::ThreadScope(int num_threads) : outer_(at::get_num_threads()) {
  if (open_mp().is_there()) open_mp().set_most(num_threads);
}

ThreadScope::~ThreadScope() {
  if (open_mp().is_there()) open_mp().set_most(outer_);
}

}  // namespace braid::ops
