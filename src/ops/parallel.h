// Shares a range out among the threads that libtorch, oneDNN and OpenBLAS use too.
#pragma once
#include <cstdint>
#include <type_traits>

namespace braid::ops {

namespace detail {
void parallel(int64_t size, int64_t grain, void (*call)(void*, int64_t, int64_t, int), void* body);
}

/// Elements of a pass over memory below which a second thread costs more than it saves.
constexpr int64_t kElementGrain = 32768;

/// Threads that parallel() would use for `size` items in shares of `grain` or more.
int num_shares(int64_t size, int64_t grain);

/// body(begin, end, share) for consecutive ranges that cover [0, size), side by side in
/// num_shares(size, grain) threads of the OpenMP team that libtorch runs on, so that no second team
/// competes for the cores; in this thread alone where libtorch was built without OpenMP. `body`
/// must not throw.
template <class Body>
void parallel(int64_t size, int64_t grain, Body&& body) {
  using Plain = std::remove_reference_t<Body>;
  detail::parallel(
      size, grain,
      [](void* b, int64_t begin, int64_t end, int share) {
        (*static_cast<Plain*>(b))(begin, end, share);
      },
      &body);
}

/// While it lives, operations that this thread calls use `num_threads`, oneDNN's and OpenBLAS's
/// too. It has to live inside a share of parallel() where what runs there shares out its own work.
class ThreadScope {
 public:
  explicit ThreadScope(int num_threads);
  ~ThreadScope();
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int outer_;
};

}  // namespace braid::ops
