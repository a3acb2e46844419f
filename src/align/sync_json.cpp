#include "align/session_json.h"

namespace braid::align {
namespace {

void add_offset(const Offset& offset, Json* json) {
  (*json)["offset_s"] = seconds(offset.offset_ns);
  (*json)["uncertainty_s"] = seconds(offset.uncertainty_ns);
  (*json)["correlation"] = finite_or_null(offset.correlation);
  (*json)["second"] = finite_or_null(offset.second);
  (*json)["z"] = finite_or_null(offset.z);
  (*json)["is_reliable"] = offset.is_reliable;
  (*json)["reason"] = offset.reason.empty() ? Json() : Json(offset.reason);
}

}  // namespace

Json syncs_json(const SessionPlan& plan) {
  Json all = Json::array();
  for (const SyncFound& found : plan.syncs) {
    Json json = {{"stream", found.stream},
                 {"reference", found.reference},
                 {"asked", to_string(plan.options.sync.across)},
                 {"across", to_string(found.across)},
                 {"across_why", found.across_why},
                 {"max_offset_s", seconds(plan.options.sync.max_offset_ns)},
                 {"compared", found.num_compared},
                 {"reliable", found.num_reliable},
                 {"moved", found.num_moved},
                 {"reason", found.reason.empty() ? Json() : Json(found.reason)}};
    json["together"] = Json();
    if (found.has_together) {
      json["together"] = {{"near", found.num_near},
                          {"near_s", seconds(found.near_ns)},
                          {"common_stream", found.common_stream},
                          {"common_reference", found.common_reference}};
      add_offset(found.together, &json["together"]);
    }
    json["recordings"] = Json::array();
    for (const SyncRecording& recording : found.recordings) {
      Json one = {{"key", recording.key}};
      one["problem"] = recording.problem.empty() ? Json() : Json(recording.problem);
      if (recording.problem.empty()) add_offset(recording.own, &one);
      json["recordings"].push_back(one);
    }
    all.push_back(json);
  }
  return all;
}

}  // namespace braid::align
