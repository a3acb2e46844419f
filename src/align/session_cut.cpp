#include "align/session_cut.h"

#include <filesystem>
#include <system_error>

#include "core/error.h"

namespace braid::align {
namespace {

// The file as a cell in `folder` names it.
std::string path_from(const std::string& folder, const StreamEntry& entry) {
  namespace fs = std::filesystem;
  if (entry.is_path_absolute) return entry.path;
  const formats::MediaPath media = formats::parse_media_path(entry.path);
  const std::string rest = entry.path.substr(media.file.size());
  std::error_code code;
  // Names as they are, links among them, unless ".." behind a link leads elsewhere.
  fs::path path = fs::absolute(media.file, code)
                      .lexically_normal()
                      .lexically_relative(fs::canonical(folder, code));
  if (path.empty() || !fs::equivalent(folder / path, media.file, code))
    path = fs::relative(media.file, folder, code);
  BRAID_CHECK(!code && !path.empty(), io, "{}: cannot find its path from {}: {}", media.file,
              folder, code.message());
  return path.generic_string() + rest;
}

}  // namespace

Span cut_within(const SessionPlan& plan, int64_t place, const SampleWindow& window) {
  if (place < 0 || !plan.scanned[static_cast<size_t>(place)].is_present()) return {};
  const ScannedStream& scanned = plan.scanned[static_cast<size_t>(place)];
  return cut_of(scanned.facts.media, {window.start_ns, window.end_ns}, scanned.zero_ns());
}

void count_cuts(const SessionPlan& plan, SessionResult* result) {
  for (size_t s = 0; s < plan.streams.size(); ++s) {
    if (!plan.streams[s].is_cut) continue;
    for (size_t k = 0; k < plan.keys.size(); ++k) {
      const KeyPlan& recording = plan.keys[k];
      CutStats& stats = result->cuts[k][s];
      for (size_t w = 0; w < recording.windows.size(); ++w) {
        const SampleWindow& window = recording.windows[w];
        const Span cut = cut_within(plan, recording.streams[s], window);
        stats.add(window.end_ns - window.start_ns, cut.end_ns - cut.start_ns);
        result->sample_has[s][static_cast<size_t>(recording.first_sample) + w] = !cut.is_empty();
      }
      const int64_t place = recording.streams[s];
      if (place < 0 || !plan.scanned[static_cast<size_t>(place)].is_present()) continue;
      const StreamFacts& facts = plan.scanned[static_cast<size_t>(place)].facts;
      const Span shown = shown_span(plan, recording);
      stats.lane = measured_parts({facts.first_ns, facts.last_ns + facts.median_step_ns},
                                  shown.start_ns, shown.end_ns, kLaneParts, 0, INT64_MAX);
    }
  }
}

std::vector<std::vector<std::string>> cut_files(const SessionPlan& plan,
                                                const std::string& folder) {
  std::vector<std::vector<std::string>> files(plan.streams.size());
  for (size_t s = 0; s < plan.streams.size(); ++s) {
    files[s].resize(plan.keys.size());
    for (size_t k = 0; k < plan.keys.size(); ++k) {
      const int64_t place = plan.keys[k].streams[s];
      if (!plan.streams[s].is_cut || place < 0) continue;
      const ScannedStream& scanned = plan.scanned[static_cast<size_t>(place)];
      if (scanned.is_present()) files[s][k] = path_from(folder, *scanned.entry);
    }
  }
  return files;
}

}  // namespace braid::align
