// Prepared samples in memory and on disk.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <unordered_map>

#include "core/error.h"
#include "core/file.h"
#include "core/thread_pool.h"
#include "data/loader.h"
#include "data/spill.h"
#include "formats/media_path.h"

namespace braid::data {
namespace {

constexpr size_t kNumShards = 64;      // locks; two threads rarely want the same one
constexpr uint64_t kEntryBytes = 200;  // of an entry itself: map node, control block, empty vectors
constexpr uint64_t kArrayBytes = 16;   // what malloc adds to an array
constexpr char kMagic[8] = {'b', 'r', 'a', 'i', 'd', 'p', '0', '2'};

uint64_t bytes_of(const Prepared& prepared) {
  uint64_t sum = kEntryBytes;
  for (const uint64_t bytes :
       {prepared.values.capacity() * sizeof(float), prepared.ids.capacity() * sizeof(int32_t),
        prepared.observed.capacity(), prepared.times.capacity() * sizeof(float)})
    if (bytes > 0) sum += bytes + kArrayBytes;
  return sum;
}

template <class T>
void append(std::string* out, const T* values, size_t count) {
  out->append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

// Magic, key, length, four counts, the arrays, a hash of all before it. Read on the machine that
// wrote it.
std::string serialize(const Prepared& prepared, uint64_t key) {
  std::string out(kMagic, sizeof kMagic);
  const uint64_t head[] = {key,
                           static_cast<uint64_t>(prepared.length),
                           prepared.values.size(),
                           prepared.ids.size(),
                           prepared.observed.size(),
                           prepared.times.size()};
  append(&out, head, 6);
  append(&out, prepared.values.data(), prepared.values.size());
  append(&out, prepared.ids.data(), prepared.ids.size());
  append(&out, prepared.times.data(), prepared.times.size());
  append(&out, prepared.observed.data(), prepared.observed.size());
  const uint64_t hash = hash_bytes(out);
  append(&out, &hash, 1);
  return out;
}

bool parse(const std::string& bytes, uint64_t key, Prepared* prepared) {
  uint64_t head[6], hash = 0;
  const size_t start = sizeof kMagic + sizeof head;
  if (bytes.size() < start + sizeof hash || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0)
    return false;
  const size_t end = bytes.size() - sizeof hash;
  std::memcpy(&hash, bytes.data() + end, sizeof hash);
  if (hash != hash_bytes(std::string_view(bytes).substr(0, end))) return false;
  std::memcpy(head, bytes.data() + sizeof kMagic, sizeof head);
  const uint64_t most = bytes.size();  // keeps the sum below from overflowing
  if (head[0] != key) return false;
  for (size_t i = 2; i < 6; ++i)
    if (head[i] > most) return false;
  const uint64_t size = (head[2] + head[5]) * sizeof(float) + head[3] * sizeof(int32_t) + head[4];
  if (start + size != end) return false;
  const char* at = bytes.data() + start;
  auto take = [&at](auto* values, uint64_t count) {
    values->resize(count);
    const size_t size = count * sizeof((*values)[0]);
    if (size > 0) std::memcpy(values->data(), at, size);
    at += size;
  };
  prepared->present = true;
  prepared->length = static_cast<int64_t>(head[1]);
  take(&prepared->values, head[2]);
  take(&prepared->ids, head[3]);
  take(&prepared->times, head[5]);
  take(&prepared->observed, head[4]);
  return true;
}

// Renamed into place but not fsynced, unlike write_file_atomically: after a power cut the hash
// finds what is torn.
bool write_cache_file(const std::string& path, const std::string& bytes) {
  static std::atomic<uint64_t> counter{0};
  const std::string temporary = fmt::format("{}.{}.{}.tmp", path, ::getpid(), counter++);
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  if (file == nullptr) return false;
  const bool is_written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  const bool is_closed = std::fclose(file) == 0;
  if (is_written && is_closed && std::rename(temporary.c_str(), path.c_str()) == 0) return true;
  std::remove(temporary.c_str());
  return false;
}

}  // namespace

struct PreparedStore::State {
  struct Shard {
    std::mutex mutex;
    std::unordered_map<uint64_t, std::shared_ptr<const Prepared>> entries;
  };

  State(const Dataset& d, Preparation p, uint64_t limit, uint64_t spill_limit)
      : dataset(d),
        preparation(std::move(p)),
        limit_bytes(limit),
        spill(2 * static_cast<uint64_t>(d.size()) * preparation.specs().size(),
              preparation.cache().empty() ? spill_limit : 0) {}

  const Dataset& dataset;
  const Preparation preparation;
  const uint64_t limit_bytes;
  SpillFile spill;
  std::array<Shard, kNumShards> shards;
  std::atomic<uint64_t> memory_bytes{0};
  std::atomic<int64_t> memory_hits{0}, disk_hits{0}, prepared{0}, corrupt_files{0},
      failed_writes{0};

  // Kept while there is room; nothing is ever thrown out. False where there was none.
  bool keep(uint64_t slot, const std::shared_ptr<const Prepared>& entry) {
    const uint64_t size = bytes_of(*entry);
    uint64_t held = memory_bytes.load();
    do {
      if (size > limit_bytes || held > limit_bytes - size) return false;
    } while (!memory_bytes.compare_exchange_weak(held, held + size));
    Shard& shard = shards[slot % kNumShards];
    std::lock_guard<std::mutex> lock(shard.mutex);
    if (!shard.entries.emplace(slot, entry).second)
      memory_bytes -= size;  // another thread was first
    return true;
  }

  // Text and numbers are made faster than read.
  bool is_from_file(size_t modality) const {
    const Kind kind = preparation.specs()[modality].kind;
    return kind != Kind::text && kind != Kind::tabular;
  }

  // Where this row's file of prepared arrays, or of what the frozen encoder `encoding` made of
  // them, stands; "" where there is nothing worth a file.
  std::string cache_path(const Sample& sample, int64_t row, size_t modality, uint64_t encoding,
                         uint64_t* key) const {
    if (preparation.cache().empty()) return "";
    const auto named = [&](const std::string& text) {
      *key = hash_bytes(text, encoding);
      const std::string name = fmt::format("{:016x}", *key);
      return preparation.cache() + "/" + name.substr(0, 2) + "/" + name + ".bin";
    };
    const auto found = sample.values.find(preparation.modalities()[modality].name);
    const auto* path = found == sample.values.end() ? nullptr : std::get_if<Path>(&found->second);
    if (path == nullptr)  // the manifest's fingerprint stands for what is written in it
      return encoding == 0 ? ""
                           : named(fmt::format("{:016x} {} {} {}", preparation.fingerprint(),
                                               dataset.fingerprint(), row, modality));
    struct stat info {};
    try {
      if (::stat(formats::parse_media_path(path->path).file.c_str(), &info) != 0) return "";
    } catch (const Error&) {  // a part that is none: preparing will say so
      return "";
    }
    const std::string text = fmt::format(
        "{:016x} {} {} {} {} {} {}.{:09}", preparation.fingerprint(), dataset.fingerprint(), row,
        modality, path->path, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    return named(text);
  }

  bool read_cache(const std::string& path, uint64_t key, Prepared* result) {
    if (path.empty() || !file_exists(path)) return false;
    bool is_good = false;
    try {
      is_good = parse(read_file(path), key, result);
    } catch (const Error&) {  // gone or unreadable: as good as torn
    }
    if (!is_good) {
      *result = Prepared();
      ++corrupt_files;
    }
    return is_good;
  }

  std::shared_ptr<const Prepared> make(int64_t row, size_t modality) {
    const Sample sample = dataset.sample(row);
    auto result = std::make_shared<Prepared>();
    uint64_t key = 0;
    const std::string path = cache_path(sample, row, modality, /*encoding=*/0, &key);
    if (read_cache(path, key, result.get())) {
      ++disk_hits;
      return result;
    }
    *result = preparation.prepare(sample, modality);
    ++prepared;
    if (!path.empty() && result->present && !write_cache_file(path, serialize(*result, key)))
      ++failed_writes;
    return result;
  }

  struct Encoding {
    uint64_t key = 0;
    int64_t width = 0;
    size_t place = 0;  // among the encodings of all modalities
    bool may_spill = false;
    std::function<Prepared(const Prepared&)> encode;
  };

  const Encoding* find_encoding(size_t modality, uint64_t key) const {
    std::lock_guard<std::mutex> lock(encodings_mutex);
    const auto found = encodings.find({modality, key});
    return found == encodings.end() ? nullptr : &found->second;
  }

  // The entry of `slot` where memory or the temporary file has it.
  std::shared_ptr<const Prepared> held(uint64_t slot) {
    Shard& shard = shards[slot % kNumShards];
    {
      std::lock_guard<std::mutex> lock(shard.mutex);
      const auto found = shard.entries.find(slot);
      if (found != shard.entries.end()) {
        ++memory_hits;
        return found->second;
      }
    }
    auto spilled = std::make_shared<Prepared>();
    if (!spill.read(slot, spilled.get())) return nullptr;
    ++disk_hits;
    return spilled;
  }

  mutable std::mutex encodings_mutex;
  std::map<std::pair<size_t, uint64_t>, Encoding> encodings;  // entries stay where they are
  std::atomic<int64_t> encoded{0};
};

PreparedStore::PreparedStore(const Dataset& dataset, Preparation preparation, uint64_t limit_bytes,
                             uint64_t spill_bytes)
    : state_(std::make_unique<State>(dataset, std::move(preparation), limit_bytes, spill_bytes)) {
  const std::string& cache = state_->preparation.cache();
  if (cache.empty()) return;
  for (int i = 0; i < 256; ++i) make_folders(fmt::format("{}/{:02x}", cache, i));
}

PreparedStore::~PreparedStore() = default;

const Dataset& PreparedStore::dataset() const { return state_->dataset; }
const Preparation& PreparedStore::preparation() const { return state_->preparation; }

std::shared_ptr<const Prepared> PreparedStore::get(int64_t row, size_t modality) {
  const size_t num_modalities = state_->preparation.specs().size();
  BRAID_CHECK(row >= 0 && row < state_->dataset.size() && modality < num_modalities, shape,
              "{}: expected a row below {} and a modality below {}, got row {} and modality {}",
              state_->dataset.manifest(), state_->dataset.size(), num_modalities, row, modality);
  const uint64_t slot = static_cast<uint64_t>(row) * num_modalities + modality;
  if (auto held = state_->held(slot)) return held;
  auto made = state_->make(row, modality);
  if (!state_->keep(slot, made) && made->present && state_->is_from_file(modality))
    state_->spill.write(slot, *made);
  return made;
}

std::shared_ptr<const std::vector<Prepared>> PreparedStore::get(int64_t row) {
  auto result = std::make_shared<std::vector<Prepared>>();
  for (size_t m = 0; m < state_->preparation.specs().size(); ++m) result->push_back(*get(row, m));
  return result;
}

void PreparedStore::add_encoding(size_t modality, uint64_t key, int64_t width,
                                 std::function<Prepared(const Prepared&)> encode) {
  BRAID_ASSERT(modality < state_->preparation.specs().size() && key != 0 && width > 0);
  std::lock_guard<std::mutex> lock(state_->encodings_mutex);
  bool may_spill = true;  // slots of the temporary file are numbered beforehand
  for (const auto& [place, other] : state_->encodings)
    may_spill = may_spill && place.first != modality;
  state_->encodings.emplace(
      std::make_pair(modality, key),
      State::Encoding{key, width, state_->encodings.size(), may_spill, std::move(encode)});
}

bool PreparedStore::has_encoding(size_t modality, uint64_t key) const {
  return state_->find_encoding(modality, key) != nullptr;
}

bool PreparedStore::has_encodings(size_t modality) const {
  std::lock_guard<std::mutex> lock(state_->encodings_mutex);
  const auto found = state_->encodings.lower_bound({modality, 0});
  return found != state_->encodings.end() && found->first.first == modality;
}

int64_t PreparedStore::encoding_width(size_t modality, uint64_t key) const {
  const State::Encoding* encoding = state_->find_encoding(modality, key);
  BRAID_CHECK(encoding != nullptr, shape, "store: no encoding {:016x} of modality {}", key,
              modality);
  return encoding->width;
}

std::shared_ptr<const Prepared> PreparedStore::get_encoded(int64_t row, size_t modality,
                                                           uint64_t key) {
  const State::Encoding* encoding = state_->find_encoding(modality, key);
  BRAID_CHECK(encoding != nullptr && row >= 0 && row < state_->dataset.size(), shape,
              "store: expected an encoding of modality {} and a row below {}, got {:016x} and {}",
              modality, state_->dataset.size(), key, row);
  const uint64_t num_modalities = state_->preparation.specs().size();
  const uint64_t all = static_cast<uint64_t>(state_->dataset.size()) * num_modalities;
  const uint64_t own = static_cast<uint64_t>(row) * num_modalities + modality;
  // Behind the samples' own slots; those that do not spill lie beyond the temporary file's.
  const uint64_t slot = own + all * (encoding->may_spill ? 1 : 2 + encoding->place);
  if (auto held = state_->held(slot)) return held;
  auto made = std::make_shared<Prepared>();
  uint64_t file_key = 0;
  const std::string path =
      state_->cache_path(state_->dataset.sample(row), row, modality, key, &file_key);
  if (state_->read_cache(path, file_key, made.get())) {
    ++state_->disk_hits;
  } else {
    const std::shared_ptr<const Prepared> sample = get(row, modality);
    if (sample->present) *made = encoding->encode(*sample);
    ++state_->encoded;
    if (!path.empty() && made->present && !write_cache_file(path, serialize(*made, file_key)))
      ++state_->failed_writes;
  }
  if (!state_->keep(slot, made) && made->present && encoding->may_spill)
    state_->spill.write(slot, *made);
  return made;
}

StoreCounts PreparedStore::counts() const {
  StoreCounts counts;
  counts.memory_bytes = state_->memory_bytes;
  counts.spilled_bytes = state_->spill.bytes();
  counts.memory_hits = state_->memory_hits;
  counts.disk_hits = state_->disk_hits;
  counts.prepared = state_->prepared;
  counts.encoded = state_->encoded;
  counts.corrupt_files = state_->corrupt_files;
  counts.failed_writes = state_->failed_writes;
  return counts;
}

std::vector<BadRow> find_bad_rows(PreparedStore& store, const std::vector<int64_t>& rows,
                                  int num_threads, const Sinks& sinks) {
  std::vector<std::string> messages(rows.size());
  std::mutex mutex;
  int64_t done = 0;
  parallel_for(static_cast<int64_t>(rows.size()), num_threads, [&](int64_t i) {
    try {
      for (size_t m = 0; m < store.preparation().specs().size(); ++m) store.get(rows[i], m);
    } catch (const Error& e) {
      const bool is_bad_row =
          e.kind() == ErrorKind::data || e.kind() == ErrorKind::format || e.kind() == ErrorKind::io;
      if (!is_bad_row) throw;
      messages[i] = e.what();
    }
    std::lock_guard<std::mutex> lock(mutex);
    sinks.tick({"decode", ++done, static_cast<int64_t>(rows.size()), ""});
  });
  std::vector<BadRow> bad;
  for (size_t i = 0; i < rows.size(); ++i)
    if (!messages[i].empty()) bad.push_back({rows[i], messages[i]});
  return bad;
}

}  // namespace braid::data
