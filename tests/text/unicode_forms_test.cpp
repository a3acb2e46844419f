#include "text/unicode_forms.h"

#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

AlignedText formed(Form form, const std::string& text) {
  AlignedText aligned = align(text);
  to_form(form, aligned);
  return aligned;
}

TEST(unicode_forms, takes_apart_and_puts_together) {
  EXPECT_EQ(formed(Form::nfd, "é").text, "e\u0301");
  EXPECT_EQ(formed(Form::nfc, "e\u0301").text, "é");
  EXPECT_EQ(formed(Form::nfkc, "ﬁ①").text, "fi1");
  EXPECT_EQ(formed(Form::nfkd, "㎏é").text, "kge\u0301");
  EXPECT_EQ(formed(Form::nfc, "\u1112\u1161\u11AB").text, "한");
  EXPECT_EQ(formed(Form::nfd, "한").text, "\u1112\u1161\u11AB");
}

// Unicode Standard Annex 15, figures 5 and 6.
TEST(unicode_forms, figures_of_the_standard) {
  EXPECT_EQ(formed(Form::nfc, "\u212B").text, "\u00C5");              // Angstrom sign
  EXPECT_EQ(formed(Form::nfc, "\u1E9B\u0323").text, "\u1E9B\u0323");  // long s with two dots
  EXPECT_EQ(formed(Form::nfkc, "\u1E9B\u0323").text, "\u1E69");
  EXPECT_EQ(formed(Form::nfd, "\u1E9B\u0323").text, "\u017F\u0323\u0307");
  EXPECT_EQ(formed(Form::nfc, "\u0958").text, "\u0915\u093C");  // excluded from composition
}

TEST(unicode_forms, knows_where_letters_came_from) {
  EXPECT_EQ(sources_of(formed(Form::nfd, "aé")), (Spans{{0, 1}, {1, 3}, {1, 3}, {1, 3}}));
  // The composed letter has the source of its first part; the reference has it so.
  EXPECT_EQ(sources_of(formed(Form::nfc, "e\u0301z")), (Spans{{0, 1}, {0, 1}, {3, 4}}));
}

TEST(unicode_forms, a_long_run_of_marks_is_sorted_once) {
  std::string marks = "a";
  for (int i = 0; i < 200000; ++i) marks += i % 2 == 0 ? "\u0301" : "\u0316";
  EXPECT_EQ(formed(Form::nfd, marks).size(), marks.size());
}

}  // namespace
}  // namespace braid::text
