#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <regex>

#include "core/error.h"
#include "core/file.h"
#include "report/compare_report.h"
#include "report/html.h"

namespace braid::report {
using testing::HasSubstr;
using testing::Not;

Json load_fixture() {
  return parse_json(read_file("tests/data_files/compare.json"), "compare.json");
}

// Element names that are opened and never closed, or closed and never opened; void elements aside.
std::string unbalanced(const std::string& page) {
  std::vector<std::string> open;
  static const std::regex tag("<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>");
  for (std::sregex_iterator at(page.begin(), page.end(), tag), end; at != end; ++at) {
    const std::string name = (*at)[2], rest = (*at)[3];
    if (name == "meta" || (!rest.empty() && rest.back() == '/')) continue;
    if ((*at)[1] == "") {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return "</" + name + ">";
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : "<" + open.back() + ">";
}

// Attributes of drawings must be numbers: a NaN would make browsers drop the shape or the whole
// drawing.
void expect_sound(const std::string& page) {
  EXPECT_EQ(unbalanced(page), "");
  static const std::regex bad(
      "(x|y|x1|y1|x2|y2|cx|cy|r|d|width|height|fill-opacity|transform|style)=\"[^\"]*(nan|inf)");
  EXPECT_FALSE(std::regex_search(page, bad));
  for (const char* load : {"http://", "https://", "src=", "<link", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(load)));
  }
}

TEST(compare_page, shares_of_the_gradient_stand_below_the_curves) {
  Json compare = load_fixture();
  for (Json& method : compare["methods"])
    if (method["name"] == compare["winner"])
      method["gradient_shares"] = {{"text", 0.625}, {"a < b", 0.375}};
  EXPECT_THAT(compare_page(compare),
              HasSubstr("encoders' gradient: text 62.5%, a &lt; b 37.5%</p>"));
  EXPECT_THAT(compare_page(load_fixture()), Not(HasSubstr("encoders' gradient")));
}

TEST(compare_page, tells_everything_the_fixture_holds) {
  const Json compare = load_fixture();
  const std::string page = compare_page(compare);
  expect_sound(page);
  for (const Json& method : compare["methods"]) {
    EXPECT_THAT(page, HasSubstr(">" + method["name"].get<std::string>() + "</text>"));
    EXPECT_THAT(page, HasSubstr(escape(method["summary"].get<std::string>())));
  }
  for (const char* id : {"data", "results", "difference", "table", "subsets", "weights", "errors",
                         "calibration", "curves", "methods", "measured"}) {
    EXPECT_THAT(page, HasSubstr("<section id=\"" + std::string(id) + "\">"));
    EXPECT_THAT(page, HasSubstr("<a href=\"#" + std::string(id) + "\">"));
  }
  EXPECT_THAT(page, Not(HasSubstr("<section id=\"scatter\">")));
  EXPECT_LT(page.find("fusion gains +9.4 points"), page.find("<section"));
  EXPECT_THAT(page, HasSubstr(escape(compare["command"].get<std::string>())));
  EXPECT_THAT(page, HasSubstr("clips/0118.wav: the file is empty"));
  EXPECT_THAT(page, HasSubstr("Rows with the same speaker always stay in the same part"));
}

// Replaces every string in the document, keys of objects of names included.
void poison(Json& node, const std::string& text) {
  if (node.is_string()) node = text;
  if (node.is_structured()) {
    for (Json& child : node) poison(child, text);
  }
}

TEST(compare_page, no_text_of_the_document_becomes_markup) {
  const std::string attack = "\"'></title></style><script>alert(1)</script><img onerror=x>&";
  Json compare = load_fixture();
  poison(compare, attack);
  compare["methods"][0]["metrics"] = {{attack, {{"mean", 0.5}}}};
  compare["methods"][0]["weights"] = {{attack, 0.5}};
  compare["subsets"][0]["methods"] = {{attack, 0.5}};
  const std::string page = compare_page(compare);
  EXPECT_EQ(unbalanced(page), "");
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)"));
}

TEST(compare_page, every_part_may_be_absent) {
  const Json compare = load_fixture();
  for (const auto& [key, value] : compare.items()) {
    Json part = compare;
    part.erase(key);
    expect_sound(compare_page(part));
    part[key] = nullptr;
    expect_sound(compare_page(part));
  }
  for (const auto& [key, value] : compare["methods"][5].items()) {
    Json part = compare;
    for (Json& method : part["methods"]) method.erase(key);
    expect_sound(compare_page(part));
  }
  expect_sound(compare_page(Json::object()));
  EXPECT_THAT(compare_page(Json::object()), HasSubstr("No method finished."));
}

// Every number becomes `value`.
void flood(Json& node, double value) {
  if (node.is_number()) node = value;
  if (node.is_structured()) {
    for (Json& child : node) flood(child, value);
  }
}

TEST(compare_page, numbers_of_any_size_leave_the_drawings_sound) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (double value : {std::nan(""), infinity, -infinity, 0.0, -1.0, 1e300, -1e300, 1e-300}) {
    Json compare = load_fixture();
    flood(compare, value);
    expect_sound(compare_page(compare));
    compare_table(compare, 80);
  }
}

TEST(compare_page, regression_shows_predicted_against_true_values) {
  Json compare = load_fixture();
  compare["task"] = "regression";
  compare["metric"] = {{"name", "rmse"}, {"higher_is_better", false}};
  for (Json& method : compare["methods"]) {
    for (const char* key : {"confusion", "per_class", "calibration"}) method.erase(key);
    method["scatter"] = {{1.0, 1.5}, {2.0, nullptr}, {3.0, 2.5}};
  }
  const std::string page = compare_page(compare);
  expect_sound(page);
  EXPECT_THAT(page, HasSubstr("<section id=\"scatter\">"));
  EXPECT_THAT(page, HasSubstr("true 1.000, predicted 1.500"));
  EXPECT_THAT(page, HasSubstr("left of zero is better"));
  EXPECT_THAT(page, Not(HasSubstr("<section id=\"errors\">")));
}

TEST(compare_page, folds_are_described_as_folds) {
  Json compare = load_fixture();
  compare["data"]["folds"] = 5;
  compare["data"]["group"] = nullptr;
  EXPECT_THAT(compare_page(compare), HasSubstr("1500 rows were split into 5 folds"));
  EXPECT_THAT(compare_page(compare), Not(HasSubstr("Kept together by")));
}

TEST(compare_page, the_same_document_gives_the_same_bytes) {
  EXPECT_EQ(compare_page(load_fixture()), compare_page(load_fixture()));
}

}  // namespace braid::report
