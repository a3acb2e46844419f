#include "explain/rollout.h"

#include <torch/torch.h>

#include <algorithm>
#include <map>

#include "fusion/tokens.h"

namespace braid::explain {
namespace {

using Places = std::vector<int64_t>;

// One map with its places among all of the fusion.
struct Placed {
  const Attention* map;
  Places queries, keys;
  int64_t modality = -1;       // that asks, where it is one alone
  bool is_as_encoded = false;  // reads the tokens as they were before the first layer
};

Tensor index_of(const Places& places, const Tensor& like) {
  return torch::tensor(places, at::kLong).to(like.device());
}

// All places of a fusion: the modalities' tokens, then class tokens (one of all, or one of each
// modality), then latents.
class Layout {
 public:
  Layout(const std::vector<Encoded>& encoded, const std::vector<std::string>& modalities)
      : encoded_(encoded), modalities_(modalities) {
    for (const Encoded& e : encoded) {
      begins_.push_back(num_tokens_);
      num_tokens_ += e.mask.size(1);
      masks_.push_back(real_tokens(e.mask, e.present));
    }
  }

  // False where a map names places that are not known, or has not as many.
  bool place(const std::vector<Attention>& maps) {
    for (const Attention& map : maps) {
      measure(map.from, map.weights.size(2));
      measure(map.to, map.weights.size(3));
    }
    for (const Attention& map : maps) {
      Placed one = {&map, {}, {}};
      std::string to = map.to;
      const std::string suffix = fusion::kAsEncoded;
      if (to.size() > suffix.size() &&
          to.compare(to.size() - suffix.size(), suffix.size(), suffix) == 0) {
        to.resize(to.size() - suffix.size());
        one.is_as_encoded = true;
      }
      one.modality = modality_of(map.from);
      one.queries = find(map.from, map.weights.size(2), one.modality);
      one.keys = find(to, map.weights.size(3), one.modality);
      if (one.queries.empty() || one.keys.empty()) return false;
      placed_[map.layer].push_back(std::move(one));
    }
    return !maps.empty();
  }

  const std::map<int64_t, std::vector<Placed>>& layers() const { return placed_; }
  int64_t num_tokens() const { return num_tokens_; }
  int64_t size() const { return num_tokens_ + num_classes_ + num_latents_; }
  int64_t num_classes() const { return num_classes_; }
  int64_t num_latents() const { return num_latents_; }
  int64_t num_modalities() const { return static_cast<int64_t>(encoded_.size()); }
  Tensor real() const { return at::cat(masks_, /*dim=*/1); }  // [B, tokens]
  const Tensor& mask(int64_t m) const { return masks_[static_cast<size_t>(m)]; }
  // A modality without a real token counts as absent.
  Tensor present(int64_t m) const { return mask(m).any(/*dim=*/1); }  // [B]
  int64_t begin(int64_t m) const { return begins_[static_cast<size_t>(m)]; }
  int64_t length(int64_t m) const { return mask(m).size(1); }

  // Which modalities count as writers: the present ones, or all of a row without any. [B, M]
  Tensor writers() const {
    std::vector<Tensor> all;
    for (int64_t m = 0; m < num_modalities(); ++m) all.push_back(present(m));
    const Tensor has = at::stack(all, /*dim=*/1);
    return has.logical_or(has.any(/*dim=*/1, /*keepdim=*/true).logical_not());
  }

  // Group of each place: modalities, then class tokens, then latents.
  Places groups(bool has_classes) const {
    Places all;
    for (int64_t m = 0; m < num_modalities(); ++m)
      all.insert(all.end(), static_cast<size_t>(length(m)), m);
    all.insert(all.end(), static_cast<size_t>(num_classes_), num_modalities());
    all.insert(all.end(), static_cast<size_t>(num_latents_),
               num_modalities() + (has_classes ? 1 : 0));
    return all;
  }

 private:
  int64_t modality_of(const std::string& name) const {
    const auto found = std::find(modalities_.begin(), modalities_.end(), name);
    return found == modalities_.end() ? -1 : found - modalities_.begin();
  }

  // How many class tokens and latents there are, from what exceeds the tokens.
  void measure(const std::string& name, int64_t size) {
    const int64_t m = modality_of(name);
    if (m >= 0 && size > length(m)) {
      num_classes_ = num_modalities();
      num_latents_ = std::max(num_latents_, size - length(m) - 1);
    } else if (name == fusion::kAllModalities && size == num_tokens_ + 1) {
      num_classes_ = 1;
    } else if (name == fusion::kLatents) {
      num_latents_ = std::max(num_latents_, size);
    }
  }

  void add_tokens(int64_t m, bool has_class, Places* places) const {
    if (has_class) places->push_back(num_tokens_ + (num_classes_ == 1 ? 0 : m));
    for (int64_t t = 0; t < length(m); ++t) places->push_back(begin(m) + t);
  }

  void add_latents(int64_t count, Places* places) const {
    for (int64_t k = 0; k < count; ++k) places->push_back(num_tokens_ + num_classes_ + k);
  }

  // Empty where the name is not known or means another number of places.
  Places find(const std::string& name, int64_t size, int64_t asking) const {
    Places places;
    const int64_t m = modality_of(name);
    if (m >= 0) {
      add_tokens(m, /*has_class=*/size > length(m), &places);
      add_latents(size - static_cast<int64_t>(places.size()), &places);
    } else if (name == fusion::kAllModalities) {
      if (size == num_tokens_ + 1) places.push_back(num_tokens_);
      for (int64_t n = 0; n < num_modalities(); ++n) add_tokens(n, /*has_class=*/false, &places);
    } else if (name == fusion::kOthers && asking >= 0) {
      const bool has_class = size > num_tokens_ - length(asking);
      for (int64_t n = 0; n < num_modalities(); ++n)
        if (n != asking) add_tokens(n, has_class, &places);
    } else if (name == fusion::kLatents) {
      add_latents(size, &places);
    }
    return static_cast<int64_t>(places.size()) == size ? places : Places();
  }

  const std::vector<Encoded>& encoded_;
  const std::vector<std::string>& modalities_;
  std::vector<int64_t> begins_;
  std::vector<Tensor> masks_;  // [B, T_m]
  int64_t num_tokens_ = 0, num_classes_ = 0, num_latents_ = 0;
  std::map<int64_t, std::vector<Placed>> placed_;  // by layer
};

// x by its own sum over `dim`; zeros where that is 0.
Tensor normalised(const Tensor& x, int64_t dim) {
  const Tensor sum = x.sum(dim, /*keepdim=*/true);
  return x / sum.masked_fill(sum.le(0), 1);
}

// Relevance of every token to every place after the last layer. [B, places, tokens]
Tensor relevance(const Layout& layout) {
  const Tensor real = layout.real();
  const auto& first = *layout.layers().begin()->second.front().map;
  const auto options = first.weights.options();
  const int64_t B = real.size(0), P = layout.size(), S = layout.num_tokens();
  const Tensor encoded = at::eye(P, S, options).expand({B, P, S});
  const Tensor writers = layout.writers().to(options);  // [B, M]
  Tensor R = encoded;
  for (const auto& [layer, maps] : layout.layers()) {
    Tensor sum = at::zeros({B, P, S}, options), count = at::zeros({B, P}, options);
    for (const Placed& one : maps) {
      const Tensor queries = index_of(one.queries, real), keys = index_of(one.keys, real);
      const Tensor A = one.map->weights.mean(/*dim=*/1);  // [B, Tq, Tk]
      const Tensor source = (one.is_as_encoded ? encoded : R).index_select(1, keys);
      const Tensor made = 0.5 * R.index_select(1, queries) + 0.5 * at::matmul(A, source);
      const Tensor weight = one.modality >= 0 ? writers.narrow(/*dim=*/1, one.modality, 1)
                                              : at::ones({B, 1}, options);  // [B, 1]
      sum.index_add_(1, queries, made * weight.unsqueeze(2));
      count.index_add_(1, queries, weight.expand({B, queries.size(0)}).contiguous());
    }
    R = at::where(count.gt(0).unsqueeze(2), sum / count.clamp_min(1).unsqueeze(2), R);
  }
  return R;
}

// What the output reads, of R. [B, tokens]
Tensor read_by_output(const Layout& layout, const Tensor& R) {
  const int64_t S = layout.num_tokens();
  if (layout.num_classes() == 1) return R.select(/*dim=*/1, S);
  const Tensor writers = layout.writers().to(R.options());  // [B, M]
  const Tensor weights = normalised(writers, /*dim=*/1);
  if (layout.num_classes() > 1)
    return at::matmul(weights.unsqueeze(1), R.narrow(/*dim=*/1, S, layout.num_classes()))
        .squeeze(1);
  if (layout.num_latents() > 0) return R.narrow(/*dim=*/1, S, layout.num_latents()).mean(/*dim=*/1);
  Tensor sum = at::zeros({R.size(0), S}, R.options());
  for (int64_t m = 0; m < layout.num_modalities(); ++m) {
    const Tensor own = normalised(layout.mask(m).to(R.options()), /*dim=*/1) *
                       weights.narrow(/*dim=*/1, m, 1);  // [B, T_m]
    sum = sum + at::matmul(own.unsqueeze(1), R.narrow(/*dim=*/1, layout.begin(m), layout.length(m)))
                    .squeeze(1);
  }
  return sum;
}

// Sums over each modality's tokens. Shapes   (B, tokens) -> (B, M).
Tensor by_modality(const Layout& layout, const Tensor& tokens) {
  std::vector<Tensor> sums;
  for (int64_t m = 0; m < layout.num_modalities(); ++m)
    sums.push_back(tokens.narrow(/*dim=*/1, layout.begin(m), layout.length(m)).sum(/*dim=*/1));
  return at::stack(sums, /*dim=*/1);
}

}  // namespace

std::optional<Rollout> rollout(const std::vector<Attention>& maps,
                               const std::vector<Encoded>& encoded,
                               const std::vector<std::string>& modalities) {
  Layout layout(encoded, modalities);
  if (!layout.place(maps)) return std::nullopt;
  const Tensor real = layout.real().to(maps[0].weights.options());  // [B, tokens]
  const Tensor R = relevance(layout);
  Rollout made;
  made.tokens = normalised(read_by_output(layout, R) * real, /*dim=*/1);
  std::vector<Tensor> rows;  // each [B, M]
  for (int64_t m = 0; m < layout.num_modalities(); ++m) {
    const Tensor own = layout.mask(m).to(real.options());  // [B, T_m]
    const Tensor seen =
        at::matmul(own.unsqueeze(1), R.narrow(/*dim=*/1, layout.begin(m), layout.length(m)))
            .squeeze(1);  // [B, tokens]
    rows.push_back(by_modality(layout, normalised(seen * real, /*dim=*/1)));
  }
  rows.push_back(by_modality(layout, made.tokens));
  made.flow = at::stack(rows, /*dim=*/1);  // [B, M + 1, M]
  return made;
}

std::optional<AttentionShares> attention_shares(const std::vector<Attention>& maps,
                                                const std::vector<Encoded>& encoded,
                                                const std::vector<std::string>& modalities) {
  Layout layout(encoded, modalities);
  if (!layout.place(maps)) return std::nullopt;
  AttentionShares made;
  made.groups = modalities;
  const bool has_classes = layout.num_classes() > 0;
  if (has_classes) made.groups.emplace_back("class token");
  if (layout.num_latents() > 0) made.groups.emplace_back("latents");
  const auto G = static_cast<int64_t>(made.groups.size());
  const auto options = maps[0].weights.options();
  const int64_t B = encoded[0].mask.size(0);
  const Tensor group = index_of(layout.groups(has_classes), encoded[0].mask);
  const Tensor one_hot = at::one_hot(group, G).to(options);  // [places, G]
  const Tensor real = at::cat({layout.real(), at::ones({B, layout.size() - layout.num_tokens()},
                                                       encoded[0].mask.options())},
                              /*dim=*/1);                          // [B, places]
  const Tensor members = real.to(options).unsqueeze(2) * one_hot;  // [B, places, G]
  const Tensor writers = layout.writers().to(options);
  for (const auto& [layer, placed] : layout.layers()) {
    const int64_t H = placed[0].map->weights.size(1);
    Tensor sum = at::zeros({B, H, G, G}, options), count = at::zeros({B, G}, options);
    for (const Placed& one : placed) {
      if (one.map->weights.size(1) != H) return std::nullopt;
      const Tensor to =
          at::matmul(one.map->weights, one_hot.index_select(0, index_of(one.keys, group)));
      Tensor from = members.index_select(1, index_of(one.queries, group));  // [B, Tq, G]
      if (one.modality >= 0) from = from * writers.narrow(/*dim=*/1, one.modality, 1).unsqueeze(2);
      sum = sum + at::matmul(normalised(from, /*dim=*/1).transpose(1, 2).unsqueeze(1), to);
      count = count + from.gt(0).any(/*dim=*/1).to(options);
    }
    made.layers.push_back({layer, sum / count.clamp_min(1).unsqueeze(1).unsqueeze(3), count.gt(0)});
  }
  return made;
}

}  // namespace braid::explain
