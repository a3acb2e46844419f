#include "tensor_verbs/replay.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "align/session.h"
#include "core/error.h"

namespace braid::tensor_verbs {
namespace {

constexpr auto kNap = std::chrono::milliseconds(20);  // between looks at the clock

struct Next {
  int64_t time_ns;
  size_t stream, row;
};

std::vector<Next> in_order(const Recording& recording) {
  std::vector<Next> all;
  all.reserve(static_cast<size_t>(recording.num_measurements));
  for (size_t s = 0; s < recording.streams.size(); ++s) {
    const std::vector<int64_t>& times_ns = recording.streams[s].series.times_ns;
    for (size_t row = 0; row < times_ns.size(); ++row) all.push_back({times_ns[row], s, row});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Next& a, const Next& b) { return a.time_ns < b.time_ns; });
  return all;
}

void check_channels(const align::StreamEntry& entry, const std::vector<std::string>& channels,
                    const AlignPlan::Stream& planned) {
  BRAID_CHECK(channels.size() == planned.channels.size(), data,
              "{}: {}: expected the channels {} as the samples trained on have them, got {}",
              entry.path, entry.label(), fmt::join(planned.channels, ", "),
              fmt::join(channels, ", "));
}

// The recording's own clock, made of the machine's.
class Pace {
 public:
  Pace(int64_t start_ns, double speed, const std::atomic<bool>& is_stopped,
       StreamPredictor* predictor)
      : start_ns_(start_ns), speed_(speed), is_stopped_(is_stopped), predictor_(predictor) {}

  /// Returns at that time, or once stopped; the predictor's clock goes on meanwhile, up to it.
  void wait_until(int64_t time_ns) const {
    while (speed_ > 0 && !is_stopped_) {
      const int64_t now_ns = this->now_ns();
      predictor_->advance(std::min(now_ns, time_ns));
      if (now_ns >= time_ns) return;
      const auto left = std::chrono::nanoseconds(
          static_cast<int64_t>(static_cast<double>(time_ns - now_ns) / speed_) + 1);
      std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, kNap));
    }
  }

 private:
  int64_t now_ns() const {
    const double gone_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    return align::saturating_add(start_ns_, align::nearest_whole(gone_s * speed_ * 1e9));
  }

  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  int64_t start_ns_;
  double speed_;
  const std::atomic<bool>& is_stopped_;
  StreamPredictor* predictor_;
};

}  // namespace

Recording read_recording(const align::StreamTable& table, const std::string& key,
                         const AlignPlan& plan) {
  Recording recording;
  recording.key = key;
  std::vector<align::Span> spans;
  for (size_t s = 0; s < plan.streams.size(); ++s) {
    const align::StreamEntry* entry = table.find(key, plan.streams[s].name);
    if (entry == nullptr) continue;
    align::StreamFacts facts;
    Recording::Stream stream{s, align::load_stream(*entry, plan.repairs, &facts)};
    check_channels(*entry, facts.file.channels, plan.streams[s]);
    spans.push_back({facts.first_ns, facts.last_ns + std::max<int64_t>(1, facts.median_step_ns)});
    recording.num_measurements += stream.series.size();
    recording.streams.push_back(std::move(stream));
  }
  for (const std::string& name : plan.cut) {
    const align::StreamEntry* entry = table.find(key, name);
    if (entry == nullptr) continue;
    const align::StreamFacts facts = align::load_media(*entry);
    spans.push_back({facts.first_ns, facts.last_ns + std::max<int64_t>(1, facts.median_step_ns)});
  }
  std::vector<std::string> planned;
  for (const AlignPlan::Stream& stream : plan.streams) planned.push_back(stream.name);
  BRAID_CHECK(!recording.streams.empty(), data,
              "{}: {}expected one of the plan's streams ({}), got none", table.name,
              key.empty() ? "" : key + ": ", fmt::join(planned, ", "));
  recording.span = align::span_of(spans, align::parse_span(plan.span));
  BRAID_CHECK(!recording.span.is_empty(), data,
              "{}: {}expected streams with a time in common, got none; align the training samples "
              "with --span whole",
              table.name, key.empty() ? "" : key + ": ");
  return recording;
}

void replay(const Recording& recording, double speed, const std::atomic<bool>& is_stopped,
            StreamPredictor* predictor) {
  const Pace pace(recording.span.start_ns, speed, is_stopped, predictor);
  for (const Next& next : in_order(recording)) {
    const Recording::Stream& stream = recording.streams[next.stream];
    const auto C = static_cast<size_t>(stream.series.channels);
    pace.wait_until(next.time_ns);
    if (is_stopped) return;
    predictor->push(stream.place, next.time_ns, &stream.series.values[next.row * C], C);
  }
  pace.wait_until(recording.span.end_ns);
  if (!is_stopped) predictor->finish(recording.span.end_ns);
}

}  // namespace braid::tensor_verbs
