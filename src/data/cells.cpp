#include "data/cells.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "formats/media_path.h"

namespace braid::data {
namespace {

struct Extension {
  const char* text;
  Kind kind;
};
const Extension kExtensions[] = {
    {".png", Kind::image},        {".jpg", Kind::image},     {".jpeg", Kind::image},
    {".webp", Kind::image},       {".bmp", Kind::image},     {".tif", Kind::image},
    {".tiff", Kind::image},       {".gif", Kind::image},     {".wav", Kind::audio},
    {".flac", Kind::audio},       {".mp3", Kind::audio},     {".ogg", Kind::audio},
    {".m4a", Kind::audio},        {".opus", Kind::audio},    {".npy", Kind::embedding},
    {".mp4", Kind::video},        {".avi", Kind::video},     {".mpg", Kind::video},
    {".mpeg", Kind::video},       {".mov", Kind::video},     {".mkv", Kind::video},
    {".webm", Kind::video},       {".csv", Kind::series},    {".tsv", Kind::series},
    {".nii", Kind::volume},       {".nii.gz", Kind::volume}, {".dcm", Kind::volume},
    {".series.npy", Kind::series}};

}  // namespace

std::string_view trimmed(std::string_view cell) {
  const char* const blanks = " \t\r\n\v\f";
  const size_t first = cell.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return cell.substr(first, cell.find_last_not_of(blanks) - first + 1);
}

NumberCell read_number(std::string_view cell, double* value) {
  std::string_view text = trimmed(cell);
  if (text.empty()) return NumberCell::empty;
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::invalid_argument || end != text.data() + text.size())
    return NumberCell::text;
  // from_chars calls both 1e-999 and 1e999 out of range; only the second is not a number here.
  if (error == std::errc::result_out_of_range)
    number = std::strtod(std::string(text).c_str(), nullptr);
  if (!std::isfinite(number)) return NumberCell::not_finite;
  *value = number;
  return NumberCell::number;
}

bool is_whole(double value) {
  return std::floor(value) == value && std::abs(value) < 9007199254740992.0;
}

bool media_kind(std::string_view cell, Kind* kind, std::string* extension) {
  formats::MediaPath path;
  try {
    path = formats::parse_media_path(std::string(trimmed(cell)));
  } catch (const Error&) {  // a stretch of time that is none; the preparation will say so
    return false;
  }
  if (path.file.find('\n') != std::string::npos) return false;
  std::string lower = path.file;
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const Extension* found = nullptr;  // the longest
  for (const Extension& known : kExtensions) {
    const std::string_view text = known.text;
    const bool fits = lower.size() >= text.size() &&
                      lower.compare(lower.size() - text.size(), text.size(), text) == 0;
    if (fits && (found == nullptr || text.size() > std::string_view(found->text).size()))
      found = &known;
  }
  if (found == nullptr) return false;
  const bool is_array = std::string_view(found->text).find(".npy") != std::string_view::npos;
  const bool is_video = found->kind == Kind::video;
  if ((path.row >= 0 && !is_array) || (path.is_audio_track && !is_video)) return false;
  *kind = path.is_audio_track ? Kind::audio : found->kind;
  *extension = found->text;
  return true;
}

std::vector<std::string> split_labels(std::string_view cell) {
  std::vector<std::string> labels;
  for (size_t start = 0; start <= cell.size();) {
    const size_t end = std::min(cell.find(';', start), cell.size());
    const std::string_view part = trimmed(cell.substr(start, end - start));
    if (!part.empty()) labels.emplace_back(part);
    start = end + 1;
  }
  return labels;
}

std::vector<std::string> sorted_labels(std::vector<std::string> labels) {
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  std::vector<std::pair<double, std::string>> numbers;
  for (const std::string& label : labels) {
    double value = 0;
    if (read_number(label, &value) != NumberCell::number) return labels;
    numbers.emplace_back(value, label);
  }
  std::sort(numbers.begin(), numbers.end());
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = std::move(numbers[i].second);
  return labels;
}

}  // namespace braid::data
