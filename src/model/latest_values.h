// Values of fields that are no streams, each with its time: the newest one counts.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "align/series.h"
#include "data/sample.h"

namespace braid::model {

/// Any thread may call any member.
class LatestValues {
 public:
  LatestValues(int64_t max_age_ns, std::map<std::string, int64_t> max_ages_ns)
      : max_age_ns_(max_age_ns), max_ages_ns_(std::move(max_ages_ns)) {}

  /// Up to kMostKept of a field wait. Returns the time of the oldest where it had to go, else
  /// kNever.
  int64_t push(int64_t time_ns, const std::string& field, data::Value value);
  static constexpr size_t kMostKept = 1024;

  struct Found {
    int64_t time_ns;
    uint64_t id;  // no two values share one
    data::Value value;
  };
  /// Of each of `fields`, the newest value that is not after `until_ns` and at `now_ns` not older
  /// than its greatest age; of two of one time the one that was pushed last.
  std::map<std::string, Found> find(const std::vector<std::string>& fields, int64_t until_ns,
                                    int64_t now_ns) const;
  /// Forgets what find() can no longer give for `until_ns` and later.
  void forget(int64_t until_ns);

 private:
  int64_t max_age_ns_;
  std::map<std::string, int64_t> max_ages_ns_;
  mutable std::mutex mutex_;
  uint64_t next_id_ = 1;
  std::map<std::string, std::deque<Found>> values_;  // ascending in time
};

}  // namespace braid::model
