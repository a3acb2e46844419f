// What the tests of published families share.
#pragma once
#include <gtest/gtest.h>

#include "encoders/checkpoint_family.h"
#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders::examples {

/// The method's config for a config.json, of a checkpoint that has the tensors `names`.
inline Json config_of(const char* method, const Json& published,
                      std::vector<std::string> names = {}) {
  return find(method).family().config_of(Published{published,
                                                   [&](const std::string& name) {
                                                     return std::find(names.begin(), names.end(),
                                                                      name) != names.end();
                                                   }},
                                         "checkpoint");
}

/// Every parameter and buffer has a published name, and no two the same.
inline void expect_published_names(const char* method, const Json& config,
                                   const data::ModalitySpec& spec,
                                   const std::vector<std::string>& some) {
  auto encoder = made(method, config, spec);
  std::vector<at::Tensor> storage;
  std::vector<std::string> names;
  for (const auto& view : published_state(*encoder, find(method).family(), &storage))
    names.push_back(view.name);
  for (const std::string& name : some)
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

/// The example's picture in another size.
inline data::ModalitySpec picture(int64_t height, int64_t width) {
  data::ModalitySpec spec = examples::spec(Kind::image);
  spec.height = height;
  spec.width = width;
  return spec;
}

inline Encoded with_everything(Encoder& encoder, const Input& input) {
  encoder.wants_hidden = encoder.wants_embedding = true;
  return encoder.forward(input);
}

inline Input texts(std::vector<std::vector<int64_t>> rows) {
  Input input;
  size_t longest = 0;
  for (const auto& row : rows) longest = std::max(longest, row.size());
  std::vector<at::Tensor> ids, masks;
  for (auto& row : rows) {
    std::vector<int64_t> real(row.size(), 1);
    row.resize(longest, 0);
    real.resize(longest, 0);
    ids.push_back(torch::tensor(row, at::kLong));
    masks.push_back(torch::tensor(real, at::kLong).ne(0));
  }
  input.ids = at::stack(ids);
  input.mask = at::stack(masks);
  input.present = at::ones({int64_t(rows.size())}, at::kBool);
  return input;
}

}  // namespace braid::encoders::examples
