#include "model/zero_shot.h"

#include <set>

#include "core/error.h"
#include "model/embedder.h"

namespace braid::model {
namespace {

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

void check_labels(const std::vector<std::string>& labels,
                  const std::vector<std::string>& templates) {
  BRAID_CHECK(!labels.empty(), usage, "labels: expected at least one, got none");
  std::set<std::string> seen;
  for (size_t k = 0; k < labels.size(); ++k) {
    BRAID_CHECK(!is_blank(labels[k]), usage, "labels: label {}: expected words, got nothing",
                k + 1);
    BRAID_CHECK(seen.insert(labels[k]).second, usage,
                "labels: expected each once, got \"{}\" twice", labels[k]);
  }
  BRAID_CHECK(!templates.empty(), usage, "templates: expected at least one, got none");
  for (const std::string& words : templates)
    BRAID_CHECK(words.find(kLabelPlace) != std::string::npos, usage,
                "template \"{}\": expected {} where the label goes, got none; write \"a photo of a "
                "{}\"",
                words, kLabelPlace, kLabelPlace);
}

// Every {} replaced; what the label holds is left alone.
std::string prompt_of(const std::string& words, const std::string& label) {
  std::string prompt;
  size_t begin = 0;
  for (size_t at = words.find(kLabelPlace); at != std::string::npos;
       at = words.find(kLabelPlace, begin)) {
    prompt += words.substr(begin, at - begin) + label;
    begin = at + 2;
  }
  return prompt + words.substr(begin);
}

}  // namespace

at::Tensor label_vectors(SharedSpace& space, size_t modality,
                         const std::vector<std::string>& labels,
                         const std::vector<std::string>& templates, int num_threads) {
  check_labels(labels, templates);
  const std::string& field =
      space.preparation().modalities()[space.prepared_modalities()[modality]].fields[0];
  std::vector<data::Sample> prompts, alone;
  for (const std::string& label : labels) {
    alone.emplace_back();
    alone.back().where = fmt::format("label \"{}\"", label);
    alone.back().values[field] = label;
    for (const std::string& words : templates) {
      data::Sample prompt;
      prompt.where = fmt::format("label \"{}\"", label);
      prompt.values[field] = prompt_of(words, label);
      prompts.push_back(std::move(prompt));
    }
  }
  check_says_something(space.preparation(), space.prepared_modalities()[modality], alone);
  const auto num_labels = static_cast<int64_t>(labels.size());
  const auto num_templates = static_cast<int64_t>(templates.size());
  const at::Tensor sums = space.embed(prompts, modality, num_threads)
                              .rows.reshape({num_labels, num_templates, space.width()})
                              .sum(/*dim=*/1);  // [K, E]
  return sums / sums.norm(/*p=*/2, /*dim=*/1, /*keepdim=*/true).clamp_min(1e-12);
}

bool judges_labels_alone(const SharedSpace& space) { return space.config().loss == "sigmoid"; }

at::Tensor label_probabilities(const SharedSpace& space, const at::Tensor& rows,
                               const at::Tensor& labels) {
  const torch::NoGradGuard no_grad;
  const at::Tensor cosines =
      rows.to(at::kCPU, at::kDouble).matmul(labels.to(at::kCPU, at::kDouble).t());  // [N, K]
  const at::Tensor scaled = cosines * space.logit_scale().item<double>();
  if (judges_labels_alone(space)) return at::sigmoid(scaled + space.logit_bias().item<double>());
  return at::softmax(scaled, /*dim=*/1);
}

}  // namespace braid::model
