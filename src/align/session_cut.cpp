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

std::vector<std::string> cut_cells(const ScannedStream* scanned,
                                   const std::vector<SampleWindow>& windows,
                                   const std::string& folder, CutStats* stats) {
  const std::string file = scanned == nullptr ? "" : path_from(folder, *scanned->entry);
  std::vector<std::string> cells;
  for (const SampleWindow& window : windows) {
    Span cut;
    if (scanned != nullptr)
      cut = cut_of(scanned->facts.media, {window.start_ns, window.end_ns}, scanned->zero_ns());
    stats->add(window.end_ns - window.start_ns, cut.end_ns - cut.start_ns);
    cells.push_back(cut.is_empty() ? "" : path_of_cut(file, cut));
  }
  return cells;
}

}  // namespace braid::align
