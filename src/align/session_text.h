// The streams of a session that are text: whose events they are, and the text of each window.
// Internal to sessions.
#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "align/session.h"
#include "core/error.h"

namespace braid::align {

/// Files of events, each read once however many recordings name it. Threads may share it.
class TextFiles {
 public:
  explicit TextFiles(const StreamTable& table);

  /// Fills scanned->events and ->facts.
  ///
  /// Errors   usage: cells of the table that mean nothing for events. data: no column of text. As
  ///          read_events().
  void load(const StreamEntry& entry, ScannedStream* scanned);

  /// Events in the files that were read whose key is of no recording that was loaded from there.
  struct Unclaimed {
    std::string file, key;
    int64_t count = 0;
  };
  std::vector<Unclaimed> unclaimed() const;

 private:
  struct File {
    Events events;
    EventFacts facts;
    std::optional<Error> error;
    std::set<std::string> claimed;
  };
  File& file_of(const StreamEntry& entry);

  std::string key_column_;
  std::map<std::pair<std::string, std::string>, int64_t> num_entries_;  // by stream and path
  std::mutex mutex_;
  // By path, columns of time and text, and unit.
  std::map<std::tuple<std::string, std::string, std::string, TimeUnit>, File> files_;
};

/// The cell of each of a recording's windows: the text of the events that overlap it, or "". All
/// but stats->lane is counted.
std::vector<std::string> text_cells(const ScannedStream* scanned,
                                    const std::vector<SampleWindow>& windows, TextStats* stats);

/// When the events are, on the session's clock; one that takes no time lasts for `shortest_ns`.
std::vector<Span> event_spans(const ScannedStream& scanned, int64_t shortest_ns);

}  // namespace braid::align
