#include "model/latest_values.h"

#include <algorithm>
#include <utility>

namespace braid::model {

int64_t LatestValues::push(int64_t time_ns, const std::string& field, data::Value value) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::deque<Found>& kept = values_[field];
  const auto place =
      std::upper_bound(kept.begin(), kept.end(), time_ns,
                       [](int64_t time, const Found& one) { return time < one.time_ns; });
  kept.insert(place, {time_ns, next_id_++, std::move(value)});
  if (kept.size() <= kMostKept) return align::kNever;
  const int64_t oldest_ns = kept.front().time_ns;
  kept.pop_front();
  return oldest_ns;
}

std::map<std::string, LatestValues::Found> LatestValues::find(
    const std::vector<std::string>& fields, int64_t until_ns, int64_t now_ns) const {
  std::map<std::string, Found> found;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const std::string& field : fields) {
    const auto kept = values_.find(field);
    if (kept == values_.end()) continue;
    const auto after =
        std::upper_bound(kept->second.begin(), kept->second.end(), until_ns,
                         [](int64_t time, const Found& one) { return time < one.time_ns; });
    if (after == kept->second.begin()) continue;
    const Found& newest = *std::prev(after);
    const auto own = max_ages_ns_.find(field);
    const int64_t max_age_ns = own == max_ages_ns_.end() ? max_age_ns_ : own->second;
    if (align::saturating_sub(now_ns, newest.time_ns) > max_age_ns) continue;
    found.emplace(field, newest);
  }
  return found;
}

void LatestValues::forget(int64_t until_ns) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto& [field, kept] : values_)
    while (kept.size() > 1 && kept[1].time_ns <= until_ns) kept.pop_front();
}

}  // namespace braid::model
