#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "data/prepare.h"
#include "media_set.h"

namespace braid::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(prepare_text, the_vocabulary_is_of_the_training_rows) {
  MediaSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const Prepared first = preparation.prepare(dataset.sample(0), set.kNote);
  EXPECT_EQ(first.length, static_cast<int64_t>(first.ids.size()));
  EXPECT_EQ(std::count(first.ids.begin(), first.ids.end(), 1), 0);  // nothing unknown
  // "zyzzyva" stands in the test row only: its letters z, y, v are not in the vocabulary, so it is
  // unknown.
  const Prepared test = preparation.prepare(dataset.sample(5), set.kNote);
  ASSERT_GE(test.ids.size(), 2u);
  EXPECT_EQ(test.ids[0], 1);
  EXPECT_NE(test.ids[1], 1);
  TemporaryFolder folder;
  preparation.save(folder.path());
  EXPECT_EQ(read_file(folder / "vocab-note.txt").find('z'), std::string::npos);
  // With the test row among the training rows it would be known: the check above can fail.
  const Preparation all = set.learn(dataset, {0, 1, 2, 3, 5});
  EXPECT_NE(all.prepare(dataset.sample(5), set.kNote).ids[0], 1);
}

TEST(prepare_text, words_outside_a_vocabulary_of_words_are_left_out) {
  MediaSet set;
  set.prepare.text.vocabulary.unit = "words";
  set.prepare.text.vocabulary.min_frequency = 1;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const Prepared first = preparation.prepare(dataset.sample(0), set.kNote);
  EXPECT_EQ(first.observed, std::vector<uint8_t>(first.ids.size(), 1));  // any may be left out
  // "zyzzyva" stands in the test row only.
  const Preparation all = set.learn(dataset, {0, 1, 2, 3, 5});
  const Prepared test = preparation.prepare(dataset.sample(5), set.kNote);
  EXPECT_EQ(test.ids.size() + 1, all.prepare(dataset.sample(5), set.kNote).ids.size());
  EXPECT_EQ(std::count(test.ids.begin(), test.ids.end(), 1), 0);
  Sample unknown = dataset.sample(0);
  unknown.values["note"] = std::string("zyzzyva?");
  const Prepared nothing = preparation.prepare(unknown, set.kNote);
  EXPECT_TRUE(nothing.present);
  EXPECT_EQ(nothing.ids, std::vector<int32_t>{1});
  set.prepare.text.vocabulary.min_frequency = 1000;
  try {
    set.learn(dataset);
    ADD_FAILURE() << "a vocabulary of nothing";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("note: expected a word that stands 1000 times"));
  }
}

TEST(prepare_text, text_without_words_is_present_and_blank_text_is_missing) {
  MediaSet set;
  set.prepare.text.max_tokens = 3;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  Sample sample;
  sample.values["note"] = std::string("\x01\x02");  // control characters vanish in the tokenizer
  Prepared prepared = preparation.prepare(sample, set.kNote);
  EXPECT_TRUE(prepared.present);
  EXPECT_THAT(prepared.ids, ElementsAre(1));
  EXPECT_EQ(prepared.length, 1);
  sample.values["note"] = std::string("  ");
  EXPECT_FALSE(preparation.prepare(sample, set.kNote).present);
  sample.values["note"] = std::string("the cat saw the dog");
  EXPECT_LE(preparation.prepare(sample, set.kNote).length, 3);
}

}  // namespace
}  // namespace braid::data
