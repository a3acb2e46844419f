#include "tensor_verbs/space_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace braid::tensor_verbs {
namespace {

std::string number(const Json& value, const char* format) {
  return value.is_number() ? fmt::format(format, value.get<double>()) : "n/a";
}

// "0.414 [0.362, 0.469]"
std::string with_interval(const Json& value, const char* format) {
  const Json& interval = value.at("interval");
  if (interval[0].is_null()) return number(value.at("mean"), format);
  return number(value.at("mean"), format) + " [" + number(interval[0], format) + ", " +
         number(interval[1], format) + "]";
}

std::string name_of(const Json& direction) {
  return direction.at("from").get<std::string>() + " -> " + direction.at("to").get<std::string>();
}

std::string row(size_t width, const std::string& name, const std::vector<std::string>& cells) {
  std::string line = fmt::format("  {:<{}}", name, width);
  for (const std::string& cell : cells) line += fmt::format("  {:<20}", cell);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::string space_text(const std::string& part, const Json& measured) {
  std::string out = fmt::format("{} ({} rows)\n", part, measured.at("rows").get<int64_t>());
  size_t width = 8;
  for (const Json& direction : measured.at("directions"))
    width = std::max(width, name_of(direction).size());
  out += row(width, "", {"R@1", "R@5", "R@10", "median rank", "mAP"});
  for (const Json& direction : measured.at("directions")) {
    out += row(width, name_of(direction),
               {with_interval(direction.at("recall_1"), "{:.3f}"),
                with_interval(direction.at("recall_5"), "{:.3f}"),
                with_interval(direction.at("recall_10"), "{:.3f}"),
                with_interval(direction.at("median_rank"), "{:.0f}"),
                with_interval(direction.at("mean_average_precision"), "{:.3f}")});
    const Json& chance = direction.at("chance");
    out += row(width, "  chance",
               {number(chance.at("recall_1"), "{:.3f}"), number(chance.at("recall_5"), "{:.3f}"),
                number(chance.at("recall_10"), "{:.3f}")});
  }
  for (const Json& pair : measured.at("pairs"))
    out += fmt::format("  {}, {}: modality gap {}, alignment {}\n", pair.at("a").get<std::string>(),
                       pair.at("b").get<std::string>(), number(pair.at("modality_gap"), "{:.3f}"),
                       number(pair.at("alignment"), "{:.3f}"));
  for (const auto& item : measured.at("uniformity").items())
    out += fmt::format("  {}: uniformity {}\n", item.key(), number(item.value(), "{:.3f}"));
  if (measured.contains("probes"))
    for (const auto& item : measured["probes"].items())
      out += fmt::format("  {}: linear probe, accuracy {}\n", item.key(),
                         with_interval(item.value().at("accuracy"), "{:.3f}"));
  return out;
}

std::string members_text(const model::SharedSpace& space) {
  const int64_t members = space.config().members;
  return members > 1 ? fmt::format(" of {} members", members) : "";
}

}  // namespace braid::tensor_verbs
