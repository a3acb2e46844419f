#include "formats/media_path.h"

#include <charconv>
#include <cmath>
#include <string_view>

#include "core/error.h"

namespace braid::formats {
namespace {

// All of `text` as a number that is not negative.
template <class T>
bool read_all(std::string_view text, T* value) {
  if (text.empty() || text[0] == '-') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

// "1.5,2" into the two; either may be left out, not both.
bool read_stretch(std::string_view text, MediaPath* out) {
  const size_t comma = text.find(',');
  const std::string_view from = text.substr(0, comma);
  const std::string_view to =
      comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  if (from.empty() && to.empty()) return false;
  if (!from.empty() && !(read_all(from, &out->from_s) && std::isfinite(out->from_s))) return false;
  if (!to.empty() && !(read_all(to, &out->to_s) && std::isfinite(out->to_s))) return false;
  return out->from_s < out->to_s;
}

}  // namespace

MediaPath parse_media_path(const std::string& path) {
  MediaPath whole;
  whole.file = path;
  const size_t hash = path.rfind('#');
  if (hash == std::string::npos) return whole;
  MediaPath parsed;
  parsed.file = path.substr(0, hash);
  std::string_view rest = std::string_view(path).substr(hash + 1);
  if (read_all(rest, &parsed.row)) return parsed;
  for (bool is_last = false; !is_last;) {
    const size_t end = rest.find('&');
    const std::string_view part = rest.substr(0, end);
    is_last = end == std::string_view::npos;
    if (!is_last) rest.remove_prefix(end + 1);
    if (part == "audio") {
      parsed.is_audio_track = true;
    } else if (part.substr(0, 2) == "t=") {
      BRAID_CHECK(read_stretch(part.substr(2), &parsed), data,
                  "{}: expected seconds as in #t=1.5,2 with the end after the start, got \"{}\"",
                  path, part);
    } else {
      return whole;
    }
  }
  return parsed;
}

}  // namespace braid::formats
