// Inputs out of nothing: what every encoder reads, fully there or fully absent.
#include "model/random_input.h"

#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::model {
namespace {

namespace examples = encoders::examples;

std::shared_ptr<encoders::Encoder> default_encoder(const data::ModalitySpec& spec) {
  const std::string name = encoders::default_for(spec.kind, /*is_raw=*/false).name;
  return examples::made(name.c_str(), Json::object(), spec);
}

TEST(random_input, encoders_read_it_and_everything_is_there) {
  for (data::Kind kind : examples::kinds()) {
    SCOPED_TRACE(data::to_string(kind));
    const data::ModalitySpec spec = examples::spec(kind);
    const auto encoder = default_encoder(spec);
    const Encoded encoded = encoder->forward(random_input(spec, 3));
    EXPECT_TRUE(encoded.mask.all().item<bool>());
    EXPECT_EQ(encoded.tokens.size(0), 3);
    EXPECT_EQ(encoded.tokens.size(1), encoder->max_tokens());
    checks::expect_finite(encoded.pooled);
    EXPECT_TRUE(encoder->forward(random_input(spec, 3)).pooled.equal(encoded.pooled));
    EXPECT_FALSE(encoder->forward(random_input(spec, 3, /*seed=*/2)).pooled.equal(encoded.pooled));
  }
}

TEST(random_input, absent_rows_are_read_and_lack_the_modality) {
  for (data::Kind kind : examples::kinds()) {
    SCOPED_TRACE(data::to_string(kind));
    const data::ModalitySpec spec = examples::spec(kind);
    const Encoded encoded = default_encoder(spec)->forward(absent_input(spec, 2));
    EXPECT_FALSE(encoded.present.any().item<bool>());
    EXPECT_FALSE(encoded.mask.any().item<bool>());
    EXPECT_EQ(encoded.pooled.size(0), 2);
  }
}

TEST(random_input, a_table_of_numbers_alone_has_no_ids) {
  data::ModalitySpec spec = examples::spec(data::Kind::tabular);
  spec.categories.clear();
  EXPECT_EQ(random_input(spec, 2).ids.sizes().vec(), (std::vector<int64_t>{2, 0}));
}

}  // namespace
}  // namespace braid::model
