#include "data/loader.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <thread>

#include "core/error.h"
#include "core/rng.h"

namespace braid::data {

struct Loader::State {
  struct Ready {
    Batch batch;
    std::exception_ptr failure;
  };

  State(PreparedStore& s, std::vector<int64_t> r, LoaderOptions o)
      : store(s), rows(std::move(r)), options(std::move(o)) {
    if (options.augment != nullptr) augment_config = *options.augment;
    const int64_t count = static_cast<int64_t>(rows.size());
    num_batches = options.keep_last ? (count + options.batch_size - 1) / options.batch_size
                                    : count / options.batch_size;
  }

  ~State() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      is_stopped = true;
    }
    has_room.notify_all();
    for (std::thread& worker : workers) worker.join();
  }

  PreparedStore& store;
  const std::vector<int64_t> rows;
  LoaderOptions options;
  AugmentConfig augment_config;
  int64_t num_batches = 0;
  int64_t delivered = 0;  // batches handed out; changed by next() under the lock
  double waited_s = 0;

  std::mutex mutex;
  std::condition_variable is_ready, has_room;
  int64_t claimed = 0;  // batches that workers have taken on
  bool is_stopped = false;
  std::map<int64_t, Ready> ready;  // made, not yet delivered
  std::vector<std::thread> workers;

  bool stopped() {
    std::lock_guard<std::mutex> lock(mutex);
    return is_stopped;
  }

  void add_targets(Batch* batch) const {
    const std::vector<double>& values = store.dataset().targets().values;
    const int64_t num_rows = store.dataset().size();
    if (values.empty() || num_rows == 0) return;
    const int64_t width = static_cast<int64_t>(values.size()) / num_rows;
    for (const int64_t row : batch->rows)
      batch->targets.insert(batch->targets.end(), values.begin() + row * width,
                            values.begin() + (row + 1) * width);
  }

  uint64_t encoding_of(size_t i) const {
    return options.encodings.empty() ? 0 : options.encodings[i];
  }

  // What the samples of options.modalities[i] look like; an encoding's are rows of vectors.
  ModalitySpec spec_of(size_t i) const {
    ModalitySpec spec = store.preparation().specs()[options.modalities[i]];
    if (encoding_of(i) == 0) return spec;
    spec.kind = Kind::embedding;
    spec.features = store.encoding_width(options.modalities[i], encoding_of(i));
    spec.max_length = std::numeric_limits<int32_t>::max();
    return spec;
  }

  // False when the loader was stopped on the way.
  bool make(int64_t index, Batch* batch) {
    const int64_t first = index * options.batch_size;
    const int64_t last =
        std::min<int64_t>(first + options.batch_size, static_cast<int64_t>(rows.size()));
    batch->rows.assign(rows.begin() + first, rows.begin() + last);
    batch->weights.assign(batch->rows.size(), 1.0);
    std::vector<std::vector<std::shared_ptr<const Prepared>>> held(options.modalities.size());
    for (const int64_t row : batch->rows) {
      if (stopped()) return false;
      for (size_t i = 0; i < options.modalities.size(); ++i) {
        const size_t modality = options.modalities[i];
        const uint64_t encoding = encoding_of(i);
        std::shared_ptr<const Prepared> prepared =
            encoding != 0 ? store.get_encoded(row, modality, encoding) : store.get(row, modality);
        if (options.augment != nullptr && prepared->present && encoding == 0) {
          auto changed = std::make_shared<Prepared>(*prepared);  // the store's stays as it is
          Rng rng = Rng(options.seed)
                        .fork(static_cast<uint64_t>(row))
                        .fork(static_cast<uint64_t>(modality));
          augment(store.preparation().specs()[modality], augment_config, rng, changed.get());
          prepared = std::move(changed);
        }
        held[i].push_back(std::move(prepared));
      }
    }
    for (size_t i = 0; i < options.modalities.size(); ++i) {
      std::vector<const Prepared*> samples;
      for (const auto& prepared : held[i]) samples.push_back(prepared.get());
      batch->modalities.push_back(collate(spec_of(i), samples));
      batch->modalities.back().is_encoded = encoding_of(i) != 0;
    }
    add_targets(batch);
    return true;
  }

  void work() {
    for (;;) {
      int64_t index = 0;
      {
        std::unique_lock<std::mutex> lock(mutex);
        has_room.wait(lock, [this] {
          return is_stopped || claimed >= num_batches || claimed < delivered + options.prefetch;
        });
        if (is_stopped || claimed >= num_batches) return;
        index = claimed++;
      }
      Ready made;
      try {
        if (!make(index, &made.batch)) return;
      } catch (...) {
        made.failure = std::current_exception();
      }
      {
        std::lock_guard<std::mutex> lock(mutex);
        ready.emplace(index, std::move(made));
      }
      is_ready.notify_one();
    }
  }

  Ready take() {
    std::unique_lock<std::mutex> lock(mutex);
    is_ready.wait(lock, [this] { return ready.count(delivered) > 0; });
    auto found = ready.find(delivered);
    Ready result = std::move(found->second);
    ready.erase(found);
    ++delivered;
    has_room.notify_all();
    return result;
  }
};

Loader::Loader(PreparedStore& store, std::vector<int64_t> rows, LoaderOptions options) {
  BRAID_CHECK(options.batch_size >= 1 && options.prefetch >= 1, config,
              "loader: expected a batch size and prefetch of at least 1, got {} and {}",
              options.batch_size, options.prefetch);
  const size_t num_modalities = store.preparation().specs().size();
  if (options.modalities.empty())
    for (size_t m = 0; m < num_modalities; ++m) options.modalities.push_back(m);
  for (const size_t modality : options.modalities)
    BRAID_CHECK(modality < num_modalities, shape, "loader: expected a modality below {}, got {}",
                num_modalities, modality);
  state_ = std::make_unique<State>(store, std::move(rows), std::move(options));
  const int64_t num_workers = std::min({static_cast<int64_t>(state_->options.num_workers),
                                        state_->options.prefetch, state_->num_batches});
  for (int64_t i = 0; i < num_workers; ++i)
    state_->workers.emplace_back([state = state_.get()] { state->work(); });
}

Loader::~Loader() = default;

bool Loader::next(Batch* batch) {
  if (state_->delivered >= state_->num_batches) return false;
  const auto start = std::chrono::steady_clock::now();
  State::Ready result;
  if (state_->workers.empty()) {
    try {
      state_->make(state_->delivered, &result.batch);
    } catch (...) {
      result.failure = std::current_exception();
    }
    ++state_->delivered;
  } else {
    result = state_->take();
  }
  state_->waited_s +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (result.failure) std::rethrow_exception(result.failure);
  *batch = std::move(result.batch);
  return true;
}

int64_t Loader::num_batches() const { return state_->num_batches; }
double Loader::waited_s() const { return state_->waited_s; }

}  // namespace braid::data
