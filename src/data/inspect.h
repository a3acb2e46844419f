// Looks at a whole dataset before any training: what is there, what is missing, what is broken,
// what leaks.
#pragma once
#include <string>

#include "core/json.h"
#include "core/log.h"
#include "data/dataset.h"
#include "data/split.h"

namespace braid::data {

/// Decodes every file. The result (documented in docs/inspect-json.md) holds kinds and why, counts,
/// missingness per modality and per combination, unreadable files by name, durations, sizes and
/// rates, class balance, duplicate media (by content), the same group or the same media on both
/// sides of a split, constant columns, columns that tell the target away. `has_findings` decides
/// the exit code of --check. Errors: only those of opening the dataset; broken files and a split
/// that cannot be made are findings. Cost: reads and decodes every file once, one at a time per
/// thread.
Json inspect(const Dataset& dataset, const SplitConfig& split, int num_threads,
             const Sinks& sinks = {});

/// The same for a person at a terminal: findings first, then tables; ASCII but for what the data
/// itself holds.
std::string inspect_text(const Json& result);

}  // namespace braid::data
