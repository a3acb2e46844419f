// Classifiers' own heads on our encoders: the reference's logits.
#include <functional>

#include "golden/published_cases.h"

namespace braid::encoders {
namespace {

using namespace golden;

/// A classifier's own head: its linear maps, one after the other, on the pooled vector or the first
/// token.
struct Head {
  const char* folder;
  Kind kind;
  bool is_of_pooled;
  std::vector<std::string> maps;
  std::function<Tensor(const Tensor&)> between = nullptr;
  const char* pooled = "";  // unless it is the family's own way
};

Tensor parameter_of(const formats::Checkpoint& checkpoint, const std::string& name) {
  const formats::TensorView* view = checkpoint.find(name);
  const Tensor values = at::empty(at::IntArrayRef(view->shape), at::kFloat);
  formats::to_floats(*view, values.data_ptr<float>());
  return values;
}

Tensor logits_of(const Head& head, const formats::Checkpoint& checkpoint, const Encoded& encoded) {
  Tensor x = head.is_of_pooled ? encoded.pooled : encoded.tokens.select(/*dim=*/1, 0);
  for (size_t i = 0; i < head.maps.size(); ++i) {
    if (i > 0) x = head.between(x);
    x = at::linear(x, parameter_of(checkpoint, head.maps[i] + ".weight"),
                   parameter_of(checkpoint, head.maps[i] + ".bias"));
  }
  return x;
}

/// Where a case's inputs and logits are, and how close the logits have to be.
struct LogitsCase {
  Files files;
  double atol;
};

std::vector<LogitsCase> logits_cases(const fs::path& folder) {
  std::vector<LogitsCase> cases;
  const Json manifest = Json::parse(read_file((folder / "manifest.json").string()));
  for (const auto& item : manifest["cases"].items()) {
    const fs::path at = folder / "cases" / item.key();
    cases.push_back({{at / "inputs", at / "outputs", ""},
                     item.value()["outputs"]["logits"]["atol"].get<double>()});
  }
  for (const char* file : {"a", "b", "frames"}) {
    const Files files{folder / "e2e", folder / "e2e", std::string(file) + "."};
    if (fs::exists(files.output("logits"))) cases.push_back({files, kFeaturesTolerance});
  }
  return cases;
}

TEST(published_heads, heads_of_classifiers_make_the_same_logits) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  const std::vector<Head> heads = {
      {"bert_seqcls", Kind::text, /*is_of_pooled=*/true, {"classifier"}, nullptr, "pooler"},
      {"roberta_seqcls",
       Kind::text,
       /*is_of_pooled=*/false,
       {"classifier.dense", "classifier.out_proj"},
       [](const Tensor& x) { return at::tanh(x); }},
      {"distilbert_seqcls",
       Kind::text,
       /*is_of_pooled=*/false,
       {"pre_classifier", "classifier"},
       [](const Tensor& x) { return at::relu(x); }},
      {"vit_classifier", Kind::image, /*is_of_pooled=*/false, {"classifier"}},
      {"resnet_classifier", Kind::image, /*is_of_pooled=*/true, {"classifier.1"}},
      {"videomae", Kind::video, /*is_of_pooled=*/true, {"classifier"}}};
  for (const Head& head : heads) {
    SCOPED_TRACE(head.folder);
    const fs::path folder = fs::path(testing::goldens_folder()) / "models" / head.folder;
    const auto checkpoint = formats::Checkpoint::open(folder.string());
    const Json given = Json::parse(read_file((folder / "config.json").string()));
    const Method& method = find_for(given["model_type"].get<std::string>(), head.kind, "golden");
    Json config = published_config(method.family(), given, checkpoint, "golden");
    if (*head.pooled != '\0') config["pooled"] = head.pooled;
    for (const LogitsCase& one : logits_cases(folder)) {
      SCOPED_TRACE(one.files.inputs.string());
      const Feed feed = feed_of(one.files, head.kind, given);
      auto encoder = loaded(method, config, checkpoint, feed.spec);
      const Tensor logits = logits_of(head, checkpoint, encoder->forward(feed.input));
      EXPECT_LE(difference(logits, numbers(one.files.output("logits")), Tensor()), one.atol);
    }
  }
}

}  // namespace
}  // namespace braid::encoders
