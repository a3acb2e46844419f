// What a report of `braid align` says of how its samples were made.
#include <algorithm>

#include "align/align.h"
#include "align/windows.h"
#include "braid/stream.h"
#include "core/error.h"
#include "core/file.h"
#include "core/json.h"

namespace braid {
namespace {

// Sound and video that stay media, and text, have no ticks.
bool has_ticks(const std::string& method) { return method != "cut" && method != "text"; }

constexpr uint64_t kLimitBytes = uint64_t{1} << 30;

// Durations are written as seconds; null is `none`.
int64_t duration(const Json& node, const char* key, int64_t none) {
  const Json& value = node.at(key);
  return value.is_null() ? none : align::nearest_whole(value.get<double>() * 1e9);
}

AlignPlan::Stream read_stream(const Json& node) {
  AlignPlan::Stream stream;
  stream.name = node.at("name").get<std::string>();
  stream.channels = node.at("channels").get<std::vector<std::string>>();
  stream.method = align::find(node.at("method").get<std::string>()).name;
  stream.tolerance_ns = duration(node, "tolerance_s", kNoLimit);
  stream.median_step_ns = duration(node, "median_step_s", 0);
  return stream;
}

}  // namespace

AlignPlan AlignPlan::read(const std::string& report_path) {
  const Json report = parse_json(read_file(report_path, kLimitBytes), report_path);
  AlignPlan plan;
  std::string kind;
  bool is_standardized = false;
  try {
    const Json& samples = report.at("samples");
    kind = samples.at("kind").get<std::string>();
    is_standardized = samples.value("standardized", false);
    const Json& rate = report.at("rate_hz");  // null where no stream has ticks
    plan.rate_hz = rate.is_null() ? 0 : rate.get<double>();
    plan.hold_ns = duration(report, "hold_s", -1);
    plan.repairs = report.at("repairs").get<bool>();
    if (kind == "windows") {
      plan.window_ns = duration(samples, "window_s", 0);
      plan.hop_ns = duration(samples, "hop_s", 0);
      plan.span = align::to_string(align::parse_span(samples.at("span").get<std::string>()));
    }
    for (const Json& stream : report.at("streams")) {
      if (!has_ticks(stream.at("method").get<std::string>()))
        plan.cut.push_back(stream.at("name").get<std::string>());
      else
        plan.streams.push_back(read_stream(stream));
    }
  } catch (const Json::exception& e) {
    fail(ErrorKind::format,
         "{}: expected the report.json of `braid align`, got something else ({})", report_path,
         e.what());
  } catch (const Error& e) {
    fail(ErrorKind::format, "{}: {}", report_path, e.what());
  }
  BRAID_CHECK(kind != "timelines", config,
              "{}: expected samples, got timelines; give `braid align` --window or --events, and "
              "train on those",
              report_path);
  BRAID_CHECK(!is_standardized, config,
              "{}: expected samples as they were measured, got some standardised within their "
              "recordings, which a live stream has not seen the end of; leave that out of `braid "
              "align`, and train on those (bundles standardise by the training rows)",
              report_path);
  BRAID_CHECK(plan.rate_hz > 0 && !plan.streams.empty(), config,
              "{}: expected streams on ticks, got none; give `braid align` --rate", report_path);
  return plan;
}

}  // namespace braid
