// What is wrong or suspicious in a dataset, each with what to do about it.
#pragma once
#include <string>
#include <vector>

#include "core/json.h"
#include "data/dataset.h"
#include "data/split.h"
#include "data/survey.h"

namespace braid::data {

/// The side of every row: 0 train, 1 validation, 2 test where there is one split; the fold that
/// tests it where there are several; -1 unused.
std::vector<int> sides_of(int64_t num_rows, const std::vector<Split>& splits);
std::string side_name(int side, bool is_fold);

/// Collects findings as JSON: kind, message, advice, count, where (at most 10 places).
class Findings {
 public:
  void add(const std::string& kind, const std::string& message, const std::string& advice,
           const std::vector<std::string>& where = {});
  const Json& list() const { return list_; }

 private:
  Json list_ = Json::array();
};

/// Files that cannot be read, silent sound, the same content in several rows, on several sides,
/// with several targets.
void find_in_media(const Dataset& dataset, const std::vector<std::vector<Surveyed>>& media,
                   const std::vector<int>& sides, bool is_fold, Findings* findings);

/// Rows left out or without any input, constant columns, columns that tell the target away, classes
/// that are rare or differ only in case.
void find_in_table(const Dataset& dataset, const std::vector<std::vector<uint8_t>>& present,
                   Findings* findings);

}  // namespace braid::data
