#include "align/stream_form.h"

#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;

TEST(stream_form, words_for_a_method) {
  for (const char* word : {"cut", "text", "linear"}) check_method_word(word);
  expect_error(ErrorKind::config, "unknown alignment method 'cutt'; did you mean 'cut'?",
               [] { check_method_word("cutt"); });
  expect_error(ErrorKind::config, "did you mean 'text'? (known: cut, text, previous, ",
               [] { check_method_word("texts"); });
}

TEST(stream_form, of_a_word) {
  EXPECT_EQ(form_of("cut"), StreamForm::cut);
  EXPECT_EQ(form_of("text"), StreamForm::text);
  for (const char* word : {"linear", "", "ticks"}) EXPECT_EQ(form_of(word), StreamForm::ticks);
  EXPECT_STREQ(to_string(StreamForm::ticks), "ticks");
}

}  // namespace
}  // namespace braid::align
