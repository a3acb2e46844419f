#include "data/prepare_kinds.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "core/rng.h"
#include "core/thread_pool.h"
#include "data/cells.h"
#include "formats/media_path.h"

namespace braid::data {

const Value& value_of(const Sample& sample, const std::string& field) {
  static const Value kMissing;
  const auto found = sample.values.find(field);
  return found == sample.values.end() ? kMissing : found->second;
}

bool is_missing(const Sample& sample, const std::string& field) {
  return std::holds_alternative<std::monostate>(value_of(sample, field));
}

const char* describe(const Value& value) {
  static const char* const kNames[] = {"nothing",   "text",  "a number", "a vector", "a file",
                                       "a picture", "sound", "a video",  "a series", "a volume"};
  return kNames[value.index()];
}

bool is_blank(const std::string& text) { return trimmed(text).empty(); }

void in_field(const Sample& sample, const std::string& field, const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    rethrow_with(
        e, fmt::format("{}: field \"{}\"", sample.where.empty() ? "sample" : sample.where, field));
  }
}

void check_exists(const std::string& path) {
  struct stat info {};
  const std::string file = formats::parse_media_path(path).file;
  BRAID_CHECK(::stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode), data,
              "{}: expected a file, got none; paths are relative to the manifest's folder", file);
}

std::vector<int64_t> rows_with(const Training& training, const std::string& field, size_t limit) {
  std::vector<int64_t> found;
  for (const int64_t row : training.rows)
    if (!is_missing(training.dataset.sample(row), field)) found.push_back(row);
  BRAID_CHECK(!found.empty(), data,
              "{}: field \"{}\": expected a value in some training row, got none in {}; leave the "
              "column out with exclude",
              training.dataset.manifest(), field, training.rows.size());
  if (limit > 0 && found.size() > limit) {
    // Seeded by its purpose alone: the same rows give the same statistics in every run.
    Rng(0).fork("statistics").shuffle(found);
    found.resize(limit);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<size_t> visit_samples(const Training& training, const std::vector<int64_t>& rows,
                                  const std::function<void(const Sample&, size_t)>& body) {
  const bool skip_bad = training.dataset.config().skip_bad;
  std::vector<std::string> failures(rows.size());
  std::mutex mutex;
  int64_t done = 0;
  parallel_for(static_cast<int64_t>(rows.size()), training.num_threads, [&](int64_t i) {
    try {
      body(training.dataset.sample(rows[i]), static_cast<size_t>(i));
    } catch (const Error& e) {
      const bool is_bad_row =
          e.kind() == ErrorKind::data || e.kind() == ErrorKind::format || e.kind() == ErrorKind::io;
      if (!skip_bad || !is_bad_row) throw;
      failures[i] = e.what();
    }
    std::lock_guard<std::mutex> lock(mutex);
    training.sinks.tick(
        {"prepare " + training.modality.name, ++done, static_cast<int64_t>(rows.size()), ""});
  });
  std::vector<size_t> good;
  const std::string* first_failure = nullptr;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (failures[i].empty()) {
      good.push_back(i);
    } else if (first_failure == nullptr) {
      first_failure = &failures[i];
    }
  }
  if (first_failure != nullptr) {
    BRAID_CHECK(!good.empty(), data, "{} (and every other training file looked at is bad)",
                *first_failure);
    training.sinks.warn(fmt::format(
        "{} of {} training rows left out of the statistics of \"{}\": {}",
        rows.size() - good.size(), rows.size(), training.modality.name, *first_failure));
  }
  return good;
}

void Moments::merge(const Moments& other) {
  if (other.count == 0) return;
  const double total = static_cast<double>(count + other.count);
  const double delta = other.mean - mean;
  squares += other.squares +
             delta * delta * static_cast<double>(count) * static_cast<double>(other.count) / total;
  mean += delta * static_cast<double>(other.count) / total;
  count += other.count;
}

Standardizer Standardizer::from(const std::vector<Moments>& columns, const std::string& where) {
  Standardizer result;
  for (const Moments& column : columns) {
    double deviation =
        column.count == 0 ? 1 : std::sqrt(column.squares / static_cast<double>(column.count));
    BRAID_CHECK(std::isfinite(column.mean) && std::isfinite(deviation), data,
                "{}: expected values whose mean and deviation are finite numbers, got overflow",
                where);
    // What is left of a constant column after rounding is noise, not information.
    if (deviation <= 1e-12 * std::fabs(column.mean) || deviation < 1e-30) deviation = 1;
    result.mean.push_back(column.mean);
    result.deviation.push_back(deviation);
  }
  return result;
}

void Standardizer::check(size_t columns, const std::string& where) const {
  BRAID_CHECK(mean.size() == columns && deviation.size() == columns, format,
              "{}: expected {} means and deviations, got {} and {}", where, columns, mean.size(),
              deviation.size());
  for (const double value : deviation)
    BRAID_CHECK(value > 0, format, "{}: expected positive deviations, got {}", where, value);
}

Standardizer learn_statistics(
    const Training& training, const std::vector<int64_t>& rows, size_t columns,
    const std::function<void(const Sample&, std::vector<Moments>*)>& add) {
  const std::string& field = training.modality.name;
  std::vector<std::vector<Moments>> by_row(rows.size());
  const std::vector<size_t> good =
      visit_samples(training, rows, [&](const Sample& sample, size_t i) {
        std::vector<Moments> moments(columns);
        in_field(sample, field, [&] { add(sample, &moments); });
        by_row[i] = std::move(moments);
      });
  std::vector<Moments> all(columns);
  for (const size_t i : good)
    for (size_t c = 0; c < columns; ++c) all[c].merge(by_row[i][c]);
  return Standardizer::from(all, fmt::format("field \"{}\"", field));
}

int64_t median(std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void check_complete(const Json& node, const Json& full, const std::string& where) {
  for (const auto& item : full.items()) {
    BRAID_CHECK(node.is_object() && node.contains(item.key()), format,
                "{}: expected key \"{}\", got none; is the file complete?", where, item.key());
    if (item.value().is_object())
      check_complete(node[item.key()], item.value(), where + "." + item.key());
  }
}

}  // namespace braid::data
