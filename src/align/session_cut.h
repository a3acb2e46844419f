// The streams of a session that are cut: what samples name of their files, and how much of each
// window that is. Internal to write_session().
#pragma once
#include <string>
#include <vector>

#include "align/session.h"

namespace braid::align {

/// The cell of each of a recording's windows in a manifest in `folder`: a stretch of the stream's
/// file, or "" where it is absent or the window does not touch it. All but stats->lane is counted.
///
/// Errors   io: no path from `folder` to the file.
std::vector<std::string> cut_cells(const ScannedStream* scanned,
                                   const std::vector<SampleWindow>& windows,
                                   const std::string& folder, CutStats* stats);

}  // namespace braid::align
