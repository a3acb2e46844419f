// What the public promises of live streams share.
#pragma once
#include "braid/synchronizer.h"
#include "stream/synchronizer.h"

namespace braid::stream {

Backpressure to_internal(braid::Backpressure backpressure);
/// `names` of the streams.
DroppedMeasurement to_public(const Dropped& dropped, const std::vector<std::string>& names);
SynchronizerCounts to_public(const Counts& counts);

}  // namespace braid::stream
