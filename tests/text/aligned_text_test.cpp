#include "text/aligned_text.h"

#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

TEST(aligned_text, letters_have_all_their_bytes) {
  const AlignedText aligned = align("aé\xFFz");
  EXPECT_EQ(aligned.text, "aé\uFFFDz");
  EXPECT_EQ(sources_of(aligned), (Spans{{0, 1}, {1, 3}, {1, 3}, {3, 4}, {3, 4}, {3, 4}, {4, 5}}));
}

TEST(aligned_text, rewrites_and_keeps_count) {
  const AlignedText from = align("abcd");
  AlignedText to;
  Rewriter out(from, 0, 4, to);
  out.put('A', 0);   // for a
  out.put('+', 1);   // new, beside a
  out.put('X', -1);  // for b, and c vanishes
  out.put('D', 0);
  EXPECT_EQ(to.text, "A+XD");
  EXPECT_EQ(sources_of(to), (Spans{{0, 1}, {0, 1}, {1, 2}, {3, 4}}));
}

TEST(aligned_text, what_is_new_at_the_begin_has_no_bytes) {
  const AlignedText from = align("xab");
  AlignedText to;
  Rewriter out(from, 1, 3, to);
  out.put('+', 1);
  out.skip(1);
  out.put('B', 0);
  EXPECT_EQ(sources_of(to), (Spans{{1, 1}, {2, 3}}));
  AlignedText none;
  Rewriter(align(""), 0, 0, none).put('+', 1);
  EXPECT_EQ(sources_of(none), (Spans{{0, 0}}));
}

TEST(aligned_text, the_source_of_a_stretch_is_from_first_to_last) {
  const Source source = align("aéz").source_of(1, 4);
  EXPECT_EQ(source.begin, 1u);
  EXPECT_EQ(source.end, 4u);
}

}  // namespace
}  // namespace braid::text
