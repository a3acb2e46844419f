// The streams of a session that are cut: what samples name of their files, and how much of each
// window that is. Internal to write_session().
#pragma once
#include <string>
#include <vector>

#include "align/session.h"

namespace braid::align {

constexpr size_t kLaneParts = 300;  // of a recording, in drawings

/// The part of a window on the clock of the file of plan.scanned[place]; empty where it is absent
/// (place -1 too) or the window does not touch it.
Span cut_within(const SessionPlan& plan, int64_t place, const SampleWindow& window);

/// Fills result->cuts and, of the streams that are cut, result->sample_has.
void count_cuts(const SessionPlan& plan, SessionResult* result);

/// By stream and recording the file as a cell in `folder` names it; "" of a stream that is not cut,
/// or absent. Errors: io.
std::vector<std::vector<std::string>> cut_files(const SessionPlan& plan, const std::string& folder);

}  // namespace braid::align
