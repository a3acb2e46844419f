#include "bench/work.h"

#include <algorithm>

#include "bench/media_work.h"
#include "bench/model_work.h"
#include "bench/subjects.h"

namespace braid::bench {
namespace {

// What is not a model: one pass, one batch size, and a maker each.
struct Special {
  const char *name, *pass;
  int64_t batch;
  Work (*make)(const Request& request);
  std::string (*hinders)();
};

const std::vector<Special>& specials() {
  static const std::vector<Special> all = {{"log_mel", "prepare", 8, log_mel_work, nullptr},
                                           {"jpeg", "prepare", 64, jpeg_work, what_hinders_jpeg},
                                           {"train", "train", 32, train_work, what_hinders_train}};
  return all;
}

const Special* special(const std::string& name) {
  for (const Special& one : specials())
    if (one.name == name) return &one;
  return nullptr;
}

}  // namespace

std::vector<std::string> work_names() {
  std::vector<std::string> names = subject_names();
  for (const std::string& name : fusion_names()) names.push_back(name);
  for (const Special& one : specials()) names.push_back(one.name);
  return names;
}

bool is_named(const std::string& name, const std::string& word) {
  return name == word || name.compare(0, word.size() + 1, word + "/") == 0;
}

std::vector<std::string> passes_of(const std::string& name) {
  if (const Special* one = special(name)) return {one->pass};
  return {"inference", "training"};
}

std::vector<int64_t> batches_of(const std::string& name, const std::string& pass) {
  if (const Special* one = special(name)) return {one->batch};
  const bool is_training = pass == "training";
  if (is_named(name, "fusion")) return {32};
  if (name == "transformer")
    return is_training ? std::vector<int64_t>{32} : std::vector<int64_t>{1, 32};
  if (name == "image_cnn") return {50};
  if (name == "vit_tiny" || name == "image_cnn_224")
    return is_training ? std::vector<int64_t>{8} : std::vector<int64_t>{1, 8};
  return {1, 4, 32, 256};
}

std::string what_hinders(const std::string& name) {
  const Special* one = special(name);
  return one != nullptr && one->hinders != nullptr ? one->hinders() : "";
}

Work make_work(const Request& request) {
  const Special* one = special(request.name);
  return one != nullptr ? one->make(request) : model_work(request);
}

}  // namespace braid::bench
