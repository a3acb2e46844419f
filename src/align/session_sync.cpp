#include "align/session_sync.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <utility>

#include "align/session_parts.h"
#include "align/sync_signal.h"
#include "core/error.h"
#include "core/thread_pool.h"

namespace braid::align {
namespace {

const char* const kAcross[] = {"auto", "each", "together", "none"};

using Clips = std::vector<std::pair<Series, Series>>;

class Syncing {
 public:
  Syncing(SessionPlan* plan, const Sinks& sinks) : plan_(*plan), sinks_(sinks) {
    offset_.max_offset_ns = plan_.options.sync.max_offset_ns;
    for (size_t i = 0; i < plan_.scanned.size(); ++i)
      places_[{plan_.scanned[i].entry->key, plan_.scanned[i].entry->stream}] = i;
  }

  void run(const std::string& stream, const std::string& reference) {
    SyncFound found;
    found.stream = stream;
    found.reference = reference;
    const Clips clips = compare(&found);
    choose(clips, &found);
    move(&found);
    plan_.syncs.push_back(std::move(found));
  }

 private:
  ScannedStream* scanned(const std::string& key, const std::string& stream) {
    const auto place = places_.find({key, stream});
    return place == places_.end() ? nullptr : &plan_.scanned[place->second];
  }

  // What cannot be read after all ends the work, or is said where bad streams are skipped.
  Series signal_of(const std::string& key, const std::string& stream, SyncRecording* recording) {
    const StreamEntry& entry = *scanned(key, stream)->entry;
    try {
      return sync_signal(entry, plan_.options.repairs);
    } catch (const Error& e) {
      if (!plan_.options.skips_bad)
        rethrow_with(e, fmt::format("{}:{}: {}", plan_.table->name, entry.line, entry.label()));
      recording->problem = e.what();
      return {};
    }
  }

  // Every recording by itself; the signals of those that have both streams.
  Clips compare(SyncFound* found) {
    std::vector<size_t> both;
    for (const std::string& key : plan_.table->keys) {
      SyncRecording recording;
      recording.key = key;
      for (const std::string& name : {found->stream, found->reference}) {
        const ScannedStream* one = scanned(key, name);
        if (one == nullptr || !one->is_present())
          recording.problem =
              fmt::format("{} {}", name, one == nullptr ? "is not in the table" : "is absent");
      }
      if (recording.problem.empty()) both.push_back(found->recordings.size());
      found->recordings.push_back(std::move(recording));
    }
    Clips clips(both.size());
    std::atomic<int64_t> num_done{0};
    parallel_for(static_cast<int64_t>(both.size()), plan_.options.num_threads, [&](int64_t i) {
      SyncRecording& recording = found->recordings[both[static_cast<size_t>(i)]];
      auto& [a, b] = clips[static_cast<size_t>(i)];
      a = signal_of(recording.key, found->reference, &recording);
      b = signal_of(recording.key, found->stream, &recording);
      if (recording.problem.empty()) recording.own = find_offset(a, b, offset_);
      sinks_.tick({"find offsets", ++num_done, static_cast<int64_t>(both.size()),
                   scanned(recording.key, found->stream)->entry->label()});
    });
    Clips readable;
    for (size_t i = 0; i < both.size(); ++i)
      if (found->recordings[both[i]].problem.empty()) readable.push_back(std::move(clips[i]));
    clips = std::move(readable);
    found->num_compared = static_cast<int64_t>(clips.size());
    for (const SyncRecording& recording : found->recordings)
      if (recording.own.is_reliable) ++found->num_reliable;
    return clips;
  }

  void compare_together(const Clips& clips, SyncFound* found) const {
    std::vector<Series> references, streams;
    for (const auto& [a, b] : clips) {
      references.push_back(a);
      streams.push_back(b);
    }
    found->common_reference = leave_out_common(&references);
    found->common_stream = leave_out_common(&streams);
    Clips left(clips.size());
    for (size_t i = 0; i < clips.size(); ++i)
      left[i] = {std::move(references[i]), std::move(streams[i])};
    found->has_together = true;
    found->together = find_offset(left, offset_);
  }

  void choose(const Clips& clips, SyncFound* found) const {
    const SyncAcross asked = plan_.options.sync.across;
    const int64_t num = found->num_compared;
    found->across_why = "as asked for";
    found->across = asked;
    if (asked == SyncAcross::each) return;
    if (asked == SyncAcross::automatic) {
      found->across = SyncAcross::each;
      found->across_why =
          fmt::format("{} of {} recordings are reliable by themselves", found->num_reliable, num);
      if (num < 2 || 2 * found->num_reliable >= num) return;
    }
    compare_together(clips, found);
    found->near_ns = offset_.max_offset_ns / 4;
    for (const SyncRecording& recording : found->recordings)
      if (recording.problem.empty() &&
          std::abs(recording.own.offset_ns - found->together.offset_ns) <= found->near_ns)
        ++found->num_near;
    if (asked == SyncAcross::together) return;
    found->across = SyncAcross::none;
    if (!found->together.is_reliable)
      found->across_why += ", and all together are not";
    else if (2 * found->num_near < num)
      found->across_why += fmt::format(
          ", and only {} have their own highest peak within {} of what all together say",
          found->num_near, format_duration(found->near_ns));
    else
      found->across = SyncAcross::together;
  }

  void move(SyncFound* found) {
    if (found->across == SyncAcross::none) {
      found->reason = found->across_why;
      if (!found->together.is_reliable)
        found->reason += fmt::format(" ({})", found->together.reason);
      if (found->num_reliable > 0) found->reason += "; --sync-across each moves those that are";
      return;
    }
    const bool is_together = found->across == SyncAcross::together;
    for (const SyncRecording& recording : found->recordings) {
      ScannedStream* stream = scanned(recording.key, found->stream);
      if (stream == nullptr || !stream->is_present()) continue;
      const Offset& offset = is_together ? found->together : recording.own;
      if (offset.is_reliable) {
        stream->sync_ns = -offset.offset_ns;
        StreamFacts& facts = stream->facts;
        for (int64_t* time : {&facts.first_ns, &facts.last_ns, &facts.end_ns})
          *time = add_times(*time, stream->sync_ns, stream->entry->label() + ": --sync");
        ++found->num_moved;
      } else if (found->reason.empty()) {
        found->reason =
            recording.problem.empty() || is_together ? offset.reason : recording.problem;
        if (found->reason.empty()) found->reason = "no recording has both streams";
      }
    }
  }

  SessionPlan& plan_;
  const Sinks& sinks_;
  OffsetOptions offset_;
  std::map<std::pair<std::string, std::string>, size_t> places_;  // key and stream
};

}  // namespace

const char* to_string(SyncAcross across) { return kAcross[static_cast<int>(across)]; }

SyncAcross parse_sync_across(const std::string& name) {
  std::vector<std::string> known;
  for (const SyncAcross across : {SyncAcross::automatic, SyncAcross::each, SyncAcross::together}) {
    if (name == to_string(across)) return across;
    known.emplace_back(to_string(across));
  }
  throw Error(ErrorKind::usage, "--sync-across: " + unknown_name("name", name, known));
}

void check_syncs(const StreamTable& table, const SyncOptions& options) {
  BRAID_CHECK(options.max_offset_ns > 0, usage, "--max-offset: expected above 0, got {}",
              format_duration(options.max_offset_ns));
  std::set<std::string> synced;
  for (const auto& [stream, reference] : options.pairs) {
    for (const std::string& name : {stream, reference})
      BRAID_CHECK(std::count(table.streams.begin(), table.streams.end(), name) > 0, usage,
                  "--sync: {}", unknown_name("stream", name, table.streams));
    BRAID_CHECK(stream != reference, usage, "--sync: expected two streams, got {} twice", stream);
    BRAID_CHECK(synced.insert(stream).second, usage,
                "--sync: expected one reference for {}, got two", stream);
  }
  for (const auto& [stream, reference] : options.pairs)
    BRAID_CHECK(synced.count(reference) == 0, usage,
                "--sync: expected a reference that is not synced itself, got {}={} and {} synced; "
                "take one reference for all",
                stream, reference, reference);
}

void find_syncs(SessionPlan* plan, const Sinks& sinks) {
  Syncing syncing(plan, sinks);
  for (const auto& [stream, reference] : plan->options.sync.pairs) syncing.run(stream, reference);
}

}  // namespace braid::align
