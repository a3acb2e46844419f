#include "report/explain_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "report/html.h"
#include "report/json_values.h"
#include "report/numbers.h"
#include "report/png.h"

namespace braid::report {
namespace {

constexpr double kOpaque = 215;    // of 255, where a map is at its largest
constexpr size_t kShortText = 60;  // words; of a longer text only one method is shown at once

struct Method {
  const char *key, *name, *what;
};
constexpr Method kMethods[] = {
    {"gradients", "Integrated gradients", "integrated gradients"},
    {"occlusion", "Lost where it is taken away", "occlusion"},
    {"attention", "Attention rollout", "attention rollout"},
};

// The size below which nearly all of a map's entries lie: single pixels shall not hide all others.
double largest_of(std::vector<double> values) {
  for (double& value : values) value = std::isfinite(value) ? std::abs(value) : 0;
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double most = values[(values.size() - 1) * 99 / 100];
  return most > 0 ? most : values.back();
}

// Orange speaks for the prediction, blue against it; the larger the denser.
std::string overlay(const Json& map) {
  std::vector<double> values;
  for (const Json& row : map)
    for (const Json& value : row) values.push_back(number_of(value));
  const double largest = largest_of(values);
  std::vector<uint8_t> pixels;
  for (double value : values) {
    const double share =
        largest > 0 && std::isfinite(value) ? std::min(std::abs(value) / largest, 1.0) : 0;
    const auto alpha = static_cast<uint8_t>(kOpaque * share);
    if (value >= 0)
      pixels.insert(pixels.end(), {255, 96, 0, alpha});
    else
      pixels.insert(pixels.end(), {0, 120, 255, alpha});
  }
  return png_uri(static_cast<uint32_t>(map.at(0).size()), static_cast<uint32_t>(map.size()),
                 pixels);
}

std::string stack(const std::string& picture, const std::string& over, double ratio,
                  const std::string& caption, bool is_sharp) {
  std::string images;
  if (!picture.empty())
    images += fmt::format("<img class=\"sharp{}\" alt=\"\" src=\"{}\">",
                          over.empty() ? "" : " under", escape(picture));
  if (!over.empty())
    images += fmt::format("<img class=\"{}\" alt=\"\" src=\"{}\">", is_sharp ? "sharp" : "", over);
  return fmt::format(
      "<figure><div class=\"stack\" role=\"img\" aria-label=\"{0}\" style=\"aspect-ratio:{1:.3f}\">"
      "{2}</div><figcaption>{0}</figcaption></figure>\n",
      escape(caption), ratio, images);
}

std::string maps_html(const Json& modality) {
  const bool is_sound = modality.at("kind") == "audio";
  const std::string picture = modality.value("picture", "");
  const double ratio =
      is_sound ? 2 : number_of(modality.at("width")) / number_of(modality.at("height"));
  std::string out;
  if (!picture.empty())
    out += stack(picture, "", ratio, is_sound ? "Time to the right, high above low" : "As prepared",
                 /*is_sharp=*/true);
  for (const Method& method : kMethods)
    if (modality.contains(method.key))
      out += stack(picture, overlay(modality.at(method.key)), ratio, method.name,
                   /*is_sharp=*/std::string(method.key) != "gradients");
  return fmt::format("<div class=\"maps{}\">\n{}</div>\n", is_sound ? " sound" : "", out);
}

std::string tooltip(const Json& part) {
  std::vector<std::string> texts;
  for (const Method& method : kMethods)
    if (part.contains(method.key))
      texts.push_back(
          fmt::format("{} {}", method.what, signed_fixed(number_of(part.at(method.key)), 4)));
  return fmt::format("{}", fmt::join(texts, ", "));
}

// By method, what fills a bar: the largest part of any modality of the row. Where nothing changes
// the score by a twentieth, bars stay short.
using Scales = std::map<std::string, double>;

Scales scales_of(const Json& sample) {
  Scales scales;
  for (const char* key : {"gradients", "occlusion"})
    scales[key] = std::abs(number_of(sample.at("score"))) / 20;
  for (const Json& modality : sample.at("modalities")) {
    if (!modality.contains("parts")) continue;
    for (const Json& part : modality.at("parts"))
      for (const Method& method : kMethods) {
        const double value =
            part.contains(method.key) ? std::abs(number_of(part.at(method.key))) : 0;
        if (std::isfinite(value)) scales[method.key] = std::max(scales[method.key], value);
      }
  }
  return scales;
}

std::string words_line(const Json& parts, const char* key, double largest) {
  std::string out = "<p class=\"words\">";
  for (const Json& part : parts) {
    const double value = number_of(part.at(key));
    const double share = largest > 0 && std::isfinite(value) ? std::abs(value) / largest : 0;
    out += fmt::format("<span style=\"background:rgba({},{:.2f})\" title=\"{}\">{}</span> ",
                       value >= 0 ? "255,96,0" : "0,120,255", 0.75 * share, escape(tooltip(part)),
                       escape(part.at("name").get<std::string>()));
  }
  return out + "</p>\n";
}

std::string words_html(const Json& parts, const Scales& scales) {
  std::string first, rest;
  for (const Method& method : kMethods) {
    if (parts.empty() || !parts.at(0).contains(method.key)) continue;
    (first.empty() || parts.size() <= kShortText ? first : rest) +=
        fmt::format("<p class=\"soft\">{}</p>\n", method.name) +
        words_line(parts, method.key, scales.at(method.key));
  }
  return first + (rest.empty() ? ""
                               : "<details><summary>The same by the other methods</summary>\n" +
                                     rest + "</details>\n");
}

// A bar to the right of the middle where it speaks for the prediction, to the left where against.
std::string pull(double value, double largest) {
  if (!std::isfinite(value)) return "n/a";
  const double share = largest > 0 ? 50 * std::min(std::abs(value) / largest, 1.0) : 0;
  return fmt::format(
      "<span class=\"keep\"><span class=\"pull\" aria-hidden=\"true\"><span class=\"{}\" "
      "style=\"left:{:.1f}%;width:{:.1f}%\"></span></span> {}</span>",
      value >= 0 ? "for" : "against", value >= 0 ? 50 : 50 - share, share,
      escape(signed_fixed(value, 3)));
}

std::string columns_html(const Json& parts, bool has_values, const Scales& scales) {
  HtmlTable table;
  table.columns = {{has_values ? "column" : "part"}};
  if (has_values) table.columns.push_back({"value"});
  std::vector<const Method*> methods;
  for (const Method& method : kMethods)
    if (!parts.empty() && parts.at(0).contains(method.key)) {
      methods.push_back(&method);
      table.columns.push_back({method.what, true});
    }
  for (const Json& part : parts) {
    std::vector<HtmlCell> cells = {text_cell(part.at("name").get<std::string>())};
    if (has_values) cells.push_back(text_cell(part.at("value").get<std::string>()));
    for (const Method* method : methods) {
      const double value = number_of(part.at(method->key));
      cells.push_back({pull(value, scales.at(method->key)), value});
    }
    table.rows.push_back(std::move(cells));
  }
  return html_table(table);
}

std::string modality_html(const Json& modality, const Scales& scales) {
  std::string out =
      fmt::format("<h4>{}: share {}</h4>\n", escape(modality.at("name").get<std::string>()),
                  escape(signed_fixed(number_of(modality.at("share")), 3)));
  const std::string kind = modality.at("kind");
  if (!modality.at("present").get<bool>())
    return out + "<p class=\"soft\">This row has none.</p>\n";
  if (kind == "image" || kind == "audio") return out + maps_html(modality);
  if (kind == "text") return out + words_html(modality.at("parts"), scales);
  return out + columns_html(modality.at("parts"), kind == "tabular", scales);
}

std::string text_of(const Json& value) {
  return value.is_number() ? fmt::format("{:.4g}", value.get<double>()) : value.get<std::string>();
}

std::string card(const Json& sample) {
  std::string verdict;
  if (sample.contains("is_right"))
    verdict = sample.at("is_right").get<bool>() ? "<span class=\"chip\">right</span>"
                                                : "<span class=\"chip wrong\">wrong</span>";
  std::string score;
  if (!sample.at("predicted").is_number())
    score = fmt::format(" ({})", fixed(number_of(sample.at("score")), 3));
  std::string out =
      fmt::format("<article class=\"card\">\n<h3>Row {}: {}{}, in truth {} {}</h3>\n",
                  sample.at("row").get<int64_t>(), escape(text_of(sample.at("predicted"))),
                  escape(score), escape(text_of(sample.at("truth"))), verdict);
  const Json& gradients = sample.at("gradients");
  out += fmt::format(
      "<p class=\"soft\">Without any modality {}; the gradients start from {} and miss {}.</p>\n",
      fixed(number_of(sample.at("base")), 3), fixed(number_of(gradients.at("baseline")), 3),
      fixed(number_of(gradients.at("gap")), 4));
  const Scales scales = scales_of(sample);
  for (const Json& modality : sample.at("modalities")) out += modality_html(modality, scales);
  return out + "</article>\n";
}

}  // namespace

std::string samples_html(const Json& explain) {
  if (!explain.contains("samples") || explain.at("samples").empty()) return "";
  std::string out =
      "<p>The rows of which the model is surest: first right ones, then wrong ones (of values the "
      "smallest and the largest errors). <b style=\"color:var(--s1)\">Orange</b> speaks for what "
      "was "
      "predicted, <b style=\"color:var(--s0)\">blue</b> against it; attention has no sign. Each "
      "map has its own scale, words and columns of a row share one. Shares are the modalities' "
      "Shapley values.</p>\n";
  for (const Json& sample : explain.at("samples")) out += card(sample);
  return out;
}

}  // namespace braid::report
