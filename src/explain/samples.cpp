#include "explain/samples.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "explain/attention.h"
#include "explain/gradients.h"
#include "explain/picture.h"
#include "explain/rollout.h"
#include "explain/score.h"
#include "explain/units.h"
#include "explain/words.h"
#include "model/tensors.h"

namespace braid::explain {
namespace {

using data::Kind;

constexpr int64_t kBatch = 64;  // occluded copies of a row at once

bool is_right(const Contributions& explained, const data::Targets& targets, size_t i) {
  const auto row = static_cast<size_t>(explained.rows[i]);
  const auto output = static_cast<size_t>(explained.outputs[i]);
  if (targets.task == metrics::Task::multilabel)
    return targets.values[row * targets.labels.size() + output] > 0.5;
  return targets.values[row] == static_cast<double>(output);
}

// Takes from `from` into `to` until it holds `count`: outputs that it does not show yet first.
void take(const std::vector<size_t>& from, const Contributions& explained, size_t count,
          std::vector<size_t>* to) {
  std::set<int64_t> shown;
  for (bool is_new : {true, false})
    for (size_t i : from) {
      if (to->size() >= count) return;
      if (std::find(to->begin(), to->end(), i) != to->end()) continue;
      if (is_new && !shown.insert(explained.outputs[i]).second) continue;
      to->push_back(i);
    }
}

// Of one row: everything that its parts are asked.
class Explained {
 public:
  Explained(model::Bundle& bundle, const data::Dataset& dataset, const Rows& row)
      : bundle_(bundle),
        model_(*bundle.model),
        dataset_(dataset),
        row_(row),
        gradients_(integrated_gradients(model_, row.inputs, row.outputs)) {
    const torch::NoGradGuard no_grad;
    encoded_ = model_.encode(row.inputs);
    const Fused fused = forward_with_attention(model_.fusion(), encoded_);
    whole_ = score_of(model_, fused.output, row.outputs).item<double>();
    std::vector<std::string> names;
    for (const data::ModalitySpec& spec : model_.specs()) names.push_back(spec.name);
    if (const auto made = rollout(fused.attention, encoded_, names)) attention_ = made->tokens[0];
  }

  Json gradients() const {
    return {{"score", rounded(gradients_.score.item<double>())},
            {"baseline", rounded(gradients_.baseline.item<double>())},
            {"gap", rounded(gradients_.gap.item<double>())},
            {"steps", gradients_.steps}};
  }

  Json modality(size_t m) {
    const torch::NoGradGuard no_grad;
    const data::ModalitySpec& spec = model_.specs()[m];
    Json out = {{"name", spec.name}, {"kind", data::to_string(spec.kind)}};
    out["present"] = row_.inputs[m].present[0].item<bool>();
    if (!out["present"].get<bool>()) return out;
    switch (spec.kind) {
      case Kind::image:
        describe_image(m, &out);
        break;
      case Kind::audio:
        describe_sound(m, &out);
        break;
      default:
        describe_parts(m, &out);
    }
    return out;
  }

 private:
  // What the score loses without each part. Shapes   -> (U) double.
  Tensor occlusion(size_t m, const Units& units) {
    const Input& input = row_.inputs[m];
    std::vector<Tensor> drops;
    for (int64_t begin = 0; begin < units.count; begin += kBatch) {
      const int64_t B = std::min(kBatch, units.count - begin);
      const auto repeat = [B](const Tensor& x) {
        if (!x.defined()) return x;
        std::vector<int64_t> sizes = x.sizes().vec();
        sizes[0] = B;
        return x.expand(sizes).contiguous();
      };
      Input copies;
      copies.values = repeat(input.values);
      copies.ids = repeat(input.ids);
      copies.mask = repeat(input.mask);
      copies.observed = repeat(input.observed);
      copies.times = repeat(input.times);
      copies.present = repeat(input.present);
      const Tensor keep = at::eye(units.count, at::TensorOptions(input.present.device()))
                              .narrow(/*dim=*/0, begin, B)
                              .eq(0);  // [B, U]
      std::vector<Encoded> encoded;
      for (const Encoded& e : encoded_) encoded.push_back(repeated(e, repeat));
      encoded[m] = model_.encode_modality(keep_units(model_.specs()[m], units, copies, keep), m);
      const Tensor score =
          score_of(model_, model_.fusion().forward(encoded).output, repeat(row_.outputs));
      drops.push_back(whole_ - score.to(at::kCPU, at::kDouble));
    }
    return at::cat(drops);
  }

  template <class Repeat>
  static Encoded repeated(const Encoded& e, const Repeat& repeat) {
    Encoded made = {repeat(e.tokens), repeat(e.mask), repeat(e.pooled), repeat(e.present)};
    for (const Tensor& tap : e.taps) made.taps.push_back(repeat(tap));
    return made;
  }

  // This modality's part of the rollout. Shapes   -> (T_m), undefined where there is none.
  Tensor attention_of(size_t m) const {
    if (!attention_.defined()) return {};
    int64_t begin = 0;
    for (size_t n = 0; n < m; ++n) begin += encoded_[n].mask.size(1);
    return attention_.narrow(/*dim=*/0, begin, encoded_[m].mask.size(1));
  }

  void describe_image(size_t m, Json* out) {
    const data::ModalitySpec& spec = model_.specs()[m];
    const Tensor values = row_.inputs[m].values[0];  // [C, H, W]
    const std::string picture = image_picture(bundle_, m, values);
    if (!picture.empty()) (*out)["picture"] = picture;
    (*out)["height"] = spec.height;
    (*out)["width"] = spec.width;
    (*out)["gradients"] = map_of(gradients_.modalities[m].values[0].sum(/*dim=*/0));
    const Units units = make_units(spec, row_.inputs[m]);
    (*out)["occlusion"] = map_of(occlusion(m, units).view({units.rows, units.columns}));
    const Tensor seen = attention_of(m);
    if (!seen.defined() || seen.size(0) < 2) return;
    // The grid of tokens that has the picture's shape.
    const auto height = static_cast<int64_t>(std::llround(std::sqrt(
        static_cast<double>(seen.size(0) * spec.height) / static_cast<double>(spec.width))));
    if (height > 0 && seen.size(0) % height == 0)
      (*out)["attention"] = map_of(seen.view({height, seen.size(0) / height}));
  }

  void describe_sound(size_t m, Json* out) {
    const data::ModalitySpec& spec = model_.specs()[m];
    const Tensor values = row_.inputs[m].values[0];  // [T, F]
    const std::string picture = sound_picture(values);
    if (!picture.empty()) (*out)["picture"] = picture;
    (*out)["frames"] = values.size(0);
    (*out)["bands"] = values.size(1);
    const auto upright = [](const Tensor& x) { return x.t().flip(0); };  // [F, T], high ones first
    (*out)["gradients"] = map_of(upright(gradients_.modalities[m].values[0]));
    const Units units = make_units(spec, row_.inputs[m]);
    (*out)["occlusion"] = map_of(upright(occlusion(m, units).view({units.rows, units.columns})));
    const Tensor seen = attention_of(m);
    if (seen.defined() && seen.size(0) > 1) (*out)["attention"] = map_of(seen.unsqueeze(0));
  }

  std::vector<Word> words_of(size_t m) const {
    const size_t own = bundle_.modalities[m];
    const std::string& field = bundle_.preparation.modalities()[own].fields.at(0);
    const Tensor ids = row_.inputs[m].ids[0].cpu().contiguous();
    const std::vector<int64_t> all(ids.data_ptr<int64_t>(), ids.data_ptr<int64_t>() + ids.numel());
    const data::Sample whole = dataset_.sample(row_.rows[0]);
    const std::string& text = std::get<std::string>(whole.values.at(field));
    return align_words(text, all, [&](const std::string& word) {
      data::Sample sample;
      sample.where = "explain";
      sample.values[field] = word;
      const data::Prepared made = bundle_.preparation.prepare(sample, own);
      return std::vector<int64_t>(made.ids.begin(), made.ids.end());
    });
  }

  // "3 to 4" of `size` places in `count` parts, counted from 1.
  static std::string run_name(int64_t part, int64_t count, int64_t size) {
    return fmt::format("{} to {}", (part * size + count - 1) / count + 1,
                       ((part + 1) * size + count - 1) / count);
  }

  // Of parts in time, of channels, slabs and runs of columns.
  static std::vector<std::string> part_names(const data::ModalitySpec& spec, const Units& units,
                                             const Input& input) {
    std::vector<std::string> names;
    for (int64_t u = 0; u < units.count; ++u) {
      if (spec.kind == Kind::series) {
        const int64_t column = u % units.columns;
        const std::string channels =
            units.columns == spec.features
                ? spec.field_names[static_cast<size_t>(column)]
                : "channels " + run_name(column, units.columns, spec.features);
        names.push_back(fmt::format("ticks {}, {}",
                                    run_name(u / units.columns, units.rows, input.values.size(1)),
                                    channels));
      } else if (spec.kind == Kind::video) {
        names.push_back("frames " + run_name(u, units.count, input.values.size(1)));
      } else if (spec.kind == Kind::volume) {
        names.push_back("slices " + run_name(u, units.count, spec.depth));
      } else {
        names.push_back(
            run_name(u, units.count, spec.max_length > 1 ? units.count : spec.features));
      }
    }
    return names;
  }

  // Words, columns, or parts of what has no picture: a name and three numbers each.
  void describe_parts(size_t m, Json* out) {
    const data::ModalitySpec& spec = model_.specs()[m];
    Units units = make_units(spec, row_.inputs[m]);
    std::vector<std::string> names, values;
    if (spec.kind == Kind::text) {
      const std::vector<Word> words = words_of(m);
      std::vector<int64_t> unit_of(static_cast<size_t>(units.count));
      for (size_t w = 0; w < words.size(); ++w) {
        names.push_back(words[w].text);
        std::fill_n(unit_of.begin() + words[w].begin, words[w].count, static_cast<int64_t>(w));
      }
      units = units_of_words(torch::tensor(unit_of, at::kLong), static_cast<int64_t>(words.size()));
    } else if (spec.kind == Kind::tabular) {
      names = spec.field_names;
      for (const std::string& name : names) values.emplace_back(dataset_.cell(row_.rows[0], name));
    } else {
      names = part_names(spec, units, row_.inputs[m]);
    }
    const Attribution& own = gradients_.modalities[m];
    const std::vector<double> sums = model::to_doubles(sum_units(units, own.values, own.scale)),
                              lost = model::to_doubles(occlusion(m, units));
    std::vector<double> seen;
    const Tensor shares = attention_of(m);
    if (shares.defined() && shares.size(0) > 1) seen = shares_of_parts(spec, units, shares);
    (*out)["parts"] = Json::array();
    for (size_t u = 0; u < names.size(); ++u) {
      Json part = {{"name", names[u]}};
      if (!values.empty()) part["value"] = values[u];
      part["gradients"] = rounded(sums[u]);
      part["occlusion"] = rounded(lost[u]);
      if (!seen.empty()) part["attention"] = rounded(seen[u]);
      (*out)["parts"].push_back(std::move(part));
    }
  }

  // Empty where tokens are not parts one by one.
  static std::vector<double> shares_of_parts(const data::ModalitySpec& spec, const Units& units,
                                             const Tensor& shares) {
    if (spec.kind == Kind::text && units.of_ids.size(0) == shares.size(0))
      return model::to_doubles(sum_units(units, Tensor(), shares.unsqueeze(0)));
    return units.count == shares.size(0) && spec.kind != Kind::text ? model::to_doubles(shares)
                                                                    : std::vector<double>();
  }

  model::Bundle& bundle_;
  model::Model& model_;
  const data::Dataset& dataset_;
  const Rows& row_;
  const Attributions gradients_;
  std::vector<Encoded> encoded_;
  Tensor attention_;  // [tokens]
  double whole_ = 0;
};

Json truth_of(const data::Targets& targets, int64_t index) {
  const auto row = static_cast<size_t>(index);
  if (targets.task == metrics::Task::regression) return targets.values[row];
  if (targets.task != metrics::Task::multilabel)
    return targets.labels[static_cast<size_t>(targets.values[row])];
  std::string names;
  for (size_t l = 0; l < targets.labels.size(); ++l)
    if (targets.values[row * targets.labels.size() + l] > 0.5)
      names += (names.empty() ? "" : ", ") + targets.labels[l];
  return names;
}

}  // namespace

std::vector<size_t> choose_samples(const Contributions& explained, const data::Targets& targets,
                                   size_t count) {
  std::vector<size_t> order(explained.rows.size()), good, bad;
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const bool is_value = targets.task == metrics::Task::regression;
  const auto sureness = [&](size_t i) {
    return is_value ? -std::abs(explained.score[i] -
                                targets.values[static_cast<size_t>(explained.rows[i])])
                    : explained.score[i];
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return sureness(a) > sureness(b); });
  for (size_t i : order) (is_value || is_right(explained, targets, i) ? good : bad).push_back(i);
  if (is_value) bad.assign(order.rbegin(), order.rend());
  const size_t most = std::min(count, order.size());
  std::vector<size_t> chosen, wrong;
  take(bad, explained, most / 2, &wrong);
  take(good, explained, most - wrong.size(), &chosen);
  chosen.insert(chosen.end(), wrong.begin(), wrong.end());
  take(bad, explained, most, &chosen);
  return chosen;
}

Json samples(model::Bundle& bundle, data::PreparedStore& store, const Contributions& explained,
             const std::vector<size_t>& chosen) {
  const data::Targets& targets = store.dataset().targets();
  const size_t M = explained.modalities.size();
  std::vector<int64_t> rows, outputs;
  for (size_t i : chosen) {
    rows.push_back(explained.rows[i]);
    outputs.push_back(explained.outputs[i]);
  }
  Json list = Json::array();
  for_each_batch(bundle, store, rows, outputs, /*batch_size=*/1, [&](const Rows& row) {
    const size_t i = chosen[list.size()];
    Explained made(bundle, store.dataset(), row);
    Json one = {{"row", explained.rows[i] + 1}, {"truth", truth_of(targets, explained.rows[i])}};
    if (targets.task == metrics::Task::regression) {
      one["predicted"] = rounded(explained.score[i]);
    } else {
      one["predicted"] = targets.labels[static_cast<size_t>(explained.outputs[i])];
      one["is_right"] = is_right(explained, targets, i);
    }
    one["score"] = rounded(explained.score[i]);
    one["base"] = rounded(explained.base[i]);
    one["gradients"] = made.gradients();
    one["modalities"] = Json::array();
    for (size_t m = 0; m < M; ++m) {
      Json modality = made.modality(m);
      modality["share"] = rounded(explained.shares[i * M + m]);
      one["modalities"].push_back(std::move(modality));
    }
    list.push_back(std::move(one));
  });
  return list;
}

}  // namespace braid::explain
