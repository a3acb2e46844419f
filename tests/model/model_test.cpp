// From a config to a model: what is wrong is named, what is left out is filled in, and parameters
// travel by name.
#include "model/model.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "support/module_checks.h"
#include "support/tiny_model.h"

namespace braid::model {
namespace {

using checks::expect_error;
using checks::tiny_model;

void expect_config_error(const std::string& json, const std::string& part) {
  expect_error(ErrorKind::config, part, [&] { tiny_model(json); });
}

std::string bits(const Model& model) { return formats::serialize_safetensors(model.state()); }

std::set<std::string> names(const Model& model) {
  std::set<std::string> all;
  for (const auto& entry : model.state().tensors) all.insert(entry.first);
  return all;
}

std::vector<Input> batch(int64_t rows) {
  auto random = at::detail::createCPUGenerator(5);
  Input sound, table;
  sound.values = at::randn({rows, 1, 4}, random);
  sound.mask = at::ones({rows, 1}, at::kBool);
  sound.present = at::ones({rows}, at::kBool);
  table.values = at::randn({rows, 2}, random);
  table.observed = at::ones({rows, 2}, at::kBool);
  table.ids = at::arange(rows).remainder(4).view({rows, 1});
  table.mask = at::ones({rows, 1}, at::kBool);
  table.present = at::ones({rows}, at::kBool);
  return {sound, table};
}

TEST(model, unknown_names_and_keys_get_help) {
  expect_config_error(
      R"({"encoders": {"sond": {}}})",
      "model.encoders: unknown modality 'sond'; did you mean 'sound'? (known: sound, tabular)");
  expect_config_error(R"({"encoders": {"sound": {"name": "liner"}}})",
                      "unknown encoder 'liner'; did you mean 'linear'?");
  expect_config_error(R"({"encoders": {"sound": {"name": "image_cnn"}}})",
                      "model.encoders.sound: 'image_cnn' does not read embedding; leave the name "
                      "out for the default");
  expect_config_error(R"({"encoders": {"sound": {"widht": 3}}})",
                      "unknown config key 'model.encoders.sound.widht'; did you mean "
                      "'model.encoders.sound.width'?");
  expect_config_error(R"({"fusion": {"name": "conct"}})",
                      "unknown fusion method 'conct'; did you mean 'concat'?");
  expect_config_error(
      R"({"fusion": {"name": "concat", "hiden": [3]}})",
      "unknown config key 'model.fusion.hiden'; did you mean 'model.fusion.hidden'?");
  expect_config_error(R"({"head": {"name": "cross_entropi"}})",
                      "unknown head 'cross_entropi'; did you mean 'cross_entropy'?");
  expect_config_error(R"({"head": "mse"})", "model.head: 'mse' does not fit a multiclass target");
  expect_config_error(R"({"head": {"label_smothing": 0.1}})",
                      "did you mean 'model.head.label_smoothing'?");
}

TEST(model, wrong_types_are_named) {
  expect_config_error(R"({"fusion": [1]})",
                      "model.fusion: expected an object with a name, got [1]");
  expect_config_error(R"({"fusion": {"name": 3}})", "model.fusion.name: expected text, got 3");
  expect_config_error(R"({"encoders": [1]})", "model.encoders: expected an object, got [1]");
  expect_config_error(R"({"names": [1]})", "model.names: expected an object, got [1]");
  expect_config_error(R"({"names": {"fusion": 3}})",
                      "model.names.fusion: expected a prefix of names, got 3");
  expect_error(ErrorKind::config, "model.modalities: expected at least one modality, got none",
               [] { Model({}, {}, checks::three_classes()); });
}

TEST(model, a_fusion_that_cannot_do_the_task_is_refused) {
  heads::Context values;
  values.task = metrics::Task::regression;
  values.num_labels = 1;
  bool has_one = false;
  for (const fusion::Method* method : fusion::methods()) {
    if (method->supports(Activation::identity)) continue;
    has_one = true;
    expect_error(ErrorKind::config, "does not fit a regression target", [&] {
      tiny_model(Json{{"fusion", method->name}}.dump(), 1, values);
    });
  }
  EXPECT_TRUE(has_one) << "votes cannot be values";
}

TEST(model, a_name_alone_is_short_for_an_object) {
  EXPECT_EQ(bits(*tiny_model(R"({"fusion": "average", "encoders": {"sound": "linear"}})")),
            bits(*tiny_model(
                R"({"fusion": {"name": "average"}, "encoders": {"sound": {"name": "linear"}}})")));
  EXPECT_EQ(bits(*tiny_model(R"({"fusion": {"name": "auto"}})")), bits(*tiny_model("{}")));
}

TEST(model, defaults_follow_the_modality_and_the_fusion) {
  const auto learned = tiny_model("{}"), raw = tiny_model(R"({"fusion": "linear"})");
  EXPECT_EQ(learned->config().fusion["name"], "concat");
  for (const auto& [model, is_raw] :
       {std::pair<std::shared_ptr<Model>, bool>{learned, false}, {raw, true}})
    for (const data::ModalitySpec& spec : model->specs())
      EXPECT_EQ(model->config().encoders[spec.name]["name"],
                encoders::default_for(spec.kind, is_raw).name);
  EXPECT_EQ(learned->config().modalities, (std::vector<std::string>{"sound", "tabular"}));
  EXPECT_EQ(learned->config().head["name"], "cross_entropy");
  ops::InitScope init(1);
  const Model single({}, {checks::tiny_specs()[0]}, checks::three_classes());
  EXPECT_EQ(single.config().fusion["name"], "single");
}

TEST(model, the_effective_config_makes_the_same_model) {
  for (const fusion::Method* method : fusion::methods()) {
    if (method->family == fusion::Family::single) continue;
    const auto model = tiny_model(Json{{"fusion", method->name}}.dump());
    const Json dump = dump_config(model->config());
    const auto again = tiny_model(dump.dump());
    EXPECT_EQ(dump_config(again->config()).dump(), dump.dump()) << method->name;
    EXPECT_EQ(bits(*again), bits(*model)) << method->name;
    // Every key of the method is there, with its value.
    for (const FieldDoc& doc : method->describe())
      EXPECT_TRUE(dump["fusion"].contains(doc.name)) << method->name << " " << doc.name;
  }
}

TEST(model, given_keys_reach_their_part) {
  const auto model = tiny_model(
      R"({"encoders": {"sound": {"width": 7}}, "fusion": {"name": "concat", "hidden": [5]}})");
  EXPECT_EQ(model->config().encoders["sound"]["width"], 7);
  EXPECT_EQ(model->config().fusion["hidden"].dump(), "[5]");
  const auto state = model->state();
  const formats::SafeTensor* weight = state.find("fusion.classifier.0.weight");
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(weight->shape[0], 5);
  int64_t total = 0;
  for (const auto& entry : state.tensors) {
    int64_t numel = 1;
    for (int64_t n : entry.second.shape) numel *= n;
    total += numel;
  }
  EXPECT_EQ(model->num_parameters(), total) << "this model has no buffers";
}

TEST(model, runs_end_to_end) {
  const auto model = tiny_model("{}");
  torch::NoGradGuard no_grad;
  EXPECT_EQ(model->forward(batch(5)).output.sizes(), (std::vector<int64_t>{5, 3}));
  expect_error(ErrorKind::shape, "model: expected 2 modalities, got 1",
               [&] { model->forward({batch(5)[0]}); });
  auto wrong = batch(5);
  wrong[0].values = at::zeros({5, 1, 3});
  expect_error(ErrorKind::shape, "sound", [&] { model->forward(wrong); });
}

TEST(model, an_absent_modality_counts_the_same_with_and_without_its_encoder) {
  for (const fusion::Method* method : fusion::methods()) {
    if (method->family == fusion::Family::single) continue;
    SCOPED_TRACE(method->name);
    const auto model = tiny_model(fmt::format(R"({{"fusion": "{}"}})", method->name));
    for (size_t m = 0; m < 2; ++m) {
      std::vector<Input> inputs = batch(3);
      inputs[m].present = at::zeros({3}, at::kBool);
      const Tensor computed = model->forward(inputs).output.detach();
      const torch::NoGradGuard no_grad;
      EXPECT_TRUE(checks::close(model->forward(inputs).output, computed, 1e-6));
    }
  }
}

TEST(model, names_in_checkpoints_can_be_others) {
  const auto plain = tiny_model("{}");
  const auto mapped = tiny_model(
      R"({"names": {"encoders.sound": "audio_encoder", "fusion": "f", "fusion.classifier": "classifier"}})");
  const std::set<std::string> all = names(*mapped);
  EXPECT_EQ(all.size(), names(*plain).size());
  EXPECT_EQ(all.count("classifier.0.weight"), 1u) << "the longest prefix wins";
  EXPECT_EQ(all.count("f.missing.sound"), 1u);
  for (const std::string& name : names(*plain)) {
    if (name.rfind("encoders.sound.", 0) == 0)
      EXPECT_EQ(all.count("audio_encoder" + name.substr(14)), 1u) << name;
    if (name.rfind("encoders.tabular.", 0) == 0) EXPECT_EQ(all.count(name), 1u) << name;
  }
  auto other = tiny_model(
      R"({"names": {"encoders.sound": "audio_encoder", "fusion": "f", "fusion.classifier": "classifier"}})",
      2);
  other->load_state(mapped->state(), "x");
  EXPECT_EQ(bits(*other), bits(*mapped));
  expect_error(ErrorKind::format, "x: expected the parameter 'encoders.sound.",
               [&] { tiny_model("{}")->load_state(mapped->state(), "x"); });
  // "encoders.so" is no prefix of whole parts.
  EXPECT_EQ(names(*tiny_model(R"({"names": {"encoders.so": "x"}})")), names(*plain));
}

TEST(model, foreign_parameters_are_refused_by_name) {
  const auto model = tiny_model("{}");
  const formats::SafeTensors good = model->state();
  auto other = tiny_model("{}", 2);
  formats::SafeTensors missing = good;
  const std::string last = missing.tensors.back().first;
  missing.tensors.pop_back();
  expect_error(ErrorKind::format,
               "w.safetensors: expected the parameter '" + last + "', which is not there",
               [&] { other->load_state(missing, "w.safetensors"); });
  formats::SafeTensors extra = good;
  extra.tensors.emplace_back("fusion.gate", extra.tensors[0].second);
  expect_error(ErrorKind::format,
               "w.safetensors: parameter 'fusion.gate' does not belong to this model",
               [&] { other->load_state(extra, "w.safetensors"); });
  auto narrow = tiny_model(R"({"encoders": {"sound": {"width": 32}}})");
  expect_error(
      ErrorKind::format,
      "w.safetensors: parameter 'encoders.sound.encoder.weight': expected [32, 4], got [64, 4]",
      [&] { narrow->load_state(good, "w.safetensors"); });
  other->load_state(good, "w.safetensors");
  EXPECT_EQ(bits(*other), bits(*model));
}

TEST(model, half_precision_parameters_are_widened) {
  auto model = tiny_model("{}");
  formats::SafeTensors state = model->state();
  for (auto& entry : state.tensors) {
    if (entry.first != "fusion.classifier.0.bias") continue;
    const at::Tensor half = at::full(entry.second.shape, 0.5, at::kHalf);
    entry.second.dtype = "F16";
    entry.second.bytes.assign(static_cast<const char*>(half.data_ptr()), half.nbytes());
  }
  model->load_state(state, "x");
  EXPECT_TRUE(model->named_parameters()["fusion.classifier.0.bias"].eq(0.5).all().item<bool>());
}

TEST(model, modalities_are_chosen_by_name) {
  const auto specs = checks::tiny_specs();
  EXPECT_EQ(choose_modalities(ModelConfig(), specs), (std::vector<size_t>{0, 1}));
  EXPECT_EQ(
      choose_modalities(checks::model_config(R"({"modalities": ["tabular", "sound"]})"), specs),
      (std::vector<size_t>{1, 0}));
  expect_error(
      ErrorKind::config, "model.modalities: unknown modality 'tabluar'; did you mean 'tabular'?",
      [&] { choose_modalities(checks::model_config(R"({"modalities": ["tabluar"]})"), specs); });
}

TEST(model, the_seed_makes_the_initial_parameters) {
  EXPECT_EQ(bits(*tiny_model("{}", 1)), bits(*tiny_model("{}", 1)));
  EXPECT_NE(bits(*tiny_model("{}", 1)), bits(*tiny_model("{}", 2)));
}

TEST(model, encoders_side_by_side_give_what_they_give_in_turn) {
  const auto model = tiny_model("{}");
  model->eval();
  const int before = at::get_num_threads();
  std::vector<std::vector<Encoded>> made;
  for (int threads : {1, 2}) {
    at::set_num_threads(threads);
    const c10::InferenceMode inference;
    made.push_back(model->encode(batch(3)));
    made.push_back(model->encode(batch(3)));
  }
  at::set_num_threads(before);
  for (const auto& encoded : made)
    for (size_t m = 0; m < encoded.size(); ++m) {
      EXPECT_TRUE(at::allclose(encoded[m].tokens, made[0][m].tokens, 1e-6, 1e-6)) << m;
      EXPECT_TRUE(at::allclose(encoded[m].pooled, made[0][m].pooled, 1e-6, 1e-6)) << m;
    }
}

TEST(model, encoders_fill_taps_where_the_fusion_reads_them) {
  const std::string encoders = R"("encoders": {"tabular": {"hidden": [6, 5]}})";
  const auto reads = tiny_model("{\"fusion\": \"centralnet\", " + encoders + "}");
  const std::vector<Encoded> encoded = reads->encode(batch(3));
  EXPECT_TRUE(encoded[0].taps.empty());  // one linear map
  ASSERT_EQ(encoded[1].taps.size(), 2u);
  EXPECT_EQ(checks::shape_of(encoded[1].taps[0]), "[3, 6]");
  EXPECT_EQ(checks::shape_of(encoded[1].taps[1]), "[3, 5]");
  EXPECT_EQ(checks::shape_of(reads->forward(batch(3)).output), "[3, 3]");
  const auto other = tiny_model("{\"fusion\": \"concat\", " + encoders + "}");
  EXPECT_TRUE(other->encode(batch(3))[1].taps.empty());
}

TEST(model, an_error_side_by_side_names_its_modality) {
  const auto model = tiny_model("{}");
  model->eval();
  auto inputs = batch(3);
  inputs[1].ids = inputs[1].ids.slice(/*dim=*/0, 0, 2);
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  const c10::InferenceMode inference;
  expect_error(ErrorKind::shape, "tabular: modality tabular: ids: expected [3, 1], got [2, 1]",
               [&] { model->encode(inputs); });
  at::set_num_threads(before);
}

}  // namespace
}  // namespace braid::model
