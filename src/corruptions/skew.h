// One modality's clock against the others'.
#pragma once
#include "corruptions/corruption.h"

namespace braid::corruptions {

/// What the modality shows when it comes `later_s` late (early, where negative): of a stretch of a
/// file the stretch before; of a whole sound silence first, of a series gaps, of a video its first
/// frame, and the end is cut off. Missing where nothing is left.
///
/// Errors   data or format, opened by sample.where and the field, where a file is bad.
void shift_in_time(const data::Modality& modality, double later_s, data::Sample* sample);

}  // namespace braid::corruptions
