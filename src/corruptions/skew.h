// One modality's clock against the others'.
#pragma once
#include "corruptions/corruption.h"

namespace braid::corruptions {

/// What the modality shows when it comes `later_s` late (early, where negative): of a stretch of a
/// file what lies that much before; where nothing does, and of whole files, silence, gaps or the
/// first frame, and the end is cut off. Missing where nothing is left. Files are read by the
/// preparation (data::Path::late_s). Rows and frames of .npy arrays count as seconds: less than
/// half of one changes nothing.
void shift_in_time(const data::Modality& modality, double later_s, data::Sample* sample);

}  // namespace braid::corruptions
