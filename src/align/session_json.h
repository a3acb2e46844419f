// What became of the streams of a session as report.json (docs/align-json.md).
#pragma once
#include <string>

#include "align/session.h"
#include "core/json.h"

namespace braid::align {

/// What stands in the plan alone: streams, methods, samples, what is dropped.
Json plan_json(const SessionPlan& plan, const std::string& command);

/// The whole report: plan_json() with what was counted.
Json session_json(const SessionPlan& plan, const SessionResult& result, const std::string& command);

/// The offsets that were looked for (the key "syncs").
Json syncs_json(const SessionPlan& plan);

}  // namespace braid::align
