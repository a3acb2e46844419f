#include "encoders/checkpoint_family.h"

#include <torch/torch.h>

#include <algorithm>
#include <cctype>

#include "core/error.h"
#include "core/registry.h"

namespace braid::encoders {
namespace {

constexpr size_t kMostListed = 8;

std::string listed(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kMostListed);
  std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

bool starts_with(const std::string& name, const std::string& beginning) {
  return name.compare(0, beginning.size(), beginning) == 0;
}

// Whether `name` is `pattern` or goes on after it with a dot; `numbers` gets what stands for {}.
bool fits(const std::string& pattern, const std::string& name, std::vector<std::string>* numbers,
          std::string* rest) {
  size_t at = 0;
  numbers->clear();
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern.compare(i, 2, "{}") == 0) {
      const size_t begin = at;
      while (at < name.size() && std::isdigit(static_cast<unsigned char>(name[at])) != 0) ++at;
      if (at == begin) return false;
      numbers->push_back(name.substr(begin, at - begin));
      ++i;
    } else if (at < name.size() && name[at] == pattern[i]) {
      ++at;
    } else {
      return false;
    }
  }
  *rest = name.substr(at);
  return rest->empty() || (*rest)[0] == '.';
}

std::string with_numbers(const std::string& pattern, const std::vector<std::string>& numbers) {
  std::string result;
  size_t next = 0;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern.compare(i, 2, "{}") == 0) {
      result += numbers.at(next++);
      ++i;
    } else {
      result += pattern[i];
    }
  }
  return result;
}

std::string published_name(const CheckpointFamily& family, const std::string& ours) {
  std::vector<std::string> numbers;
  std::string rest, best;
  size_t best_length = 0;
  for (const NameRule& rule : family.names) {
    if (rule.ours.size() < best_length || !fits(rule.ours, ours, &numbers, &rest)) continue;
    best = with_numbers(rule.theirs, numbers) + rest;
    best_length = rule.ours.size();
  }
  BRAID_CHECK(!best.empty(), internal, "{}: no rule for the parameter's published name", ours);
  return best;
}

// `name` as older programs wrote it; itself where nothing changed.
std::string older_name(const std::string& name) {
  static const std::vector<std::pair<std::string, std::string>> endings = {
      {"LayerNorm.weight", "LayerNorm.gamma"},
      {"LayerNorm.bias", "LayerNorm.beta"},
      {".parametrizations.weight.original0", ".weight_g"},
      {".parametrizations.weight.original1", ".weight_v"}};
  for (const auto& [now, then] : endings)
    if (name.size() >= now.size() && name.compare(name.size() - now.size(), now.size(), now) == 0)
      return name.substr(0, name.size() - now.size()) + then;
  return name;
}

const formats::TensorView* find_tensor(const CheckpointFamily& family,
                                       const formats::Checkpoint& checkpoint,
                                       const std::string& name) {
  for (const std::string& spelling : {name, older_name(name)}) {
    if (const auto* view = checkpoint.find(spelling)) return view;
    for (const std::string& prefix : family.prefixes)
      if (const auto* view = checkpoint.find(prefix + spelling)) return view;
  }
  return nullptr;
}

torch::OrderedDict<std::string, Tensor> named_state(const torch::nn::Module& module) {
  torch::OrderedDict<std::string, Tensor> all = module.named_parameters();
  for (const auto& buffer : module.named_buffers()) all.insert(buffer.key(), buffer.value());
  return all;
}

// How many batches a batch norm's statistics are of.
bool is_counter(const std::string& name) {
  static const std::string ending = ".num_batches_tracked";
  return name.size() >= ending.size() &&
         name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
}

bool is_ignored(const CheckpointFamily& family, const std::string& name) {
  const auto begins = [&](const std::string& given) {
    std::vector<std::string> numbers;
    std::string rest;
    return std::any_of(family.ignored.begin(), family.ignored.end(), [&](const std::string& part) {
      return starts_with(given, part) || fits(part, given, &numbers, &rest);
    });
  };
  if (is_counter(name) || begins(name)) return true;
  return std::any_of(family.prefixes.begin(), family.prefixes.end(),
                     [&](const std::string& prefix) {
                       return starts_with(name, prefix) && begins(name.substr(prefix.size()));
                     });
}

}  // namespace

const Method& find_for(const std::string& model_type, data::Kind kind, const std::string& where) {
  std::vector<std::string> known;
  std::string other_kind;
  for (const Method* method : methods()) {
    if (method->family == nullptr) continue;
    for (const std::string& type : method->family().model_types) {
      if (type == model_type && method->reads(kind)) return *method;
      if (type == model_type) other_kind = method->name;
      if (method->reads(kind)) known.push_back(type);
    }
  }
  BRAID_CHECK(other_kind.empty(), config,
              "{}: expected a checkpoint that reads {}, got model_type '{}', whose encoder is {}; "
              "give it to another modality or choose a checkpoint of {}",
              where, data::to_string(kind), model_type, other_kind, fmt::join(known, ", "));
  BRAID_CHECK(!known.empty(), config,
              "{}: no published checkpoints of a family that reads {} are known; leave `from` out",
              where, data::to_string(kind));
  fail(ErrorKind::config, "{}: {}", where, unknown_name("model_type", model_type, known));
}

Json published_config(const CheckpointFamily& family, const Json& config,
                      const formats::Checkpoint& checkpoint, const std::string& where) {
  const Published published{config, [&](const std::string& name) {
                              return find_tensor(family, checkpoint, name) != nullptr;
                            }};
  return family.config_of(published, where);
}

Unused load_published(Encoder& encoder, const CheckpointFamily& family,
                      const formats::Checkpoint& checkpoint, const std::string& where) {
  const torch::NoGradGuard no_grad;
  std::vector<std::string> missing, misshaped, used;
  for (auto& item : named_state(encoder)) {
    const std::string name = published_name(family, item.key());
    const formats::TensorView* view = find_tensor(family, checkpoint, name);
    if (view == nullptr) {
      missing.push_back(name);
      continue;
    }
    used.push_back(view->name);
    if (item.value().sizes() != at::IntArrayRef(view->shape)) {
      misshaped.push_back(fmt::format("{}: expected [{}], got [{}]", view->name,
                                      fmt::join(item.value().sizes(), ", "),
                                      fmt::join(view->shape, ", ")));
      continue;
    }
    const Tensor values = at::empty(item.value().sizes(), at::kFloat);
    formats::to_floats(*view, values.data_ptr<float>());
    item.value().copy_(values);
  }
  BRAID_CHECK(missing.empty(), format,
              "{}: the checkpoint lacks {}; expected the tensors that its config.json promises",
              where, listed(missing));
  BRAID_CHECK(misshaped.empty(), format,
              "{}: {}; the checkpoint and its config.json do not belong together", where,
              listed(misshaped));
  Unused unused;
  std::sort(used.begin(), used.end());
  for (const formats::TensorView& view : checkpoint.tensors()) {
    if (std::binary_search(used.begin(), used.end(), view.name)) continue;
    (is_ignored(family, view.name) ? unused.ignored : unused.unknown).push_back(view.name);
  }
  return unused;
}

std::vector<formats::TensorView> published_state(const Encoder& encoder,
                                                 const CheckpointFamily& family,
                                                 std::vector<Tensor>* storage) {
  std::vector<formats::TensorView> views;
  for (const auto& item : named_state(encoder)) {
    storage->push_back(item.value().detach().to(at::kCPU, at::kFloat).contiguous());
    const Tensor& own = storage->back();
    views.push_back({published_name(family, item.key()), "F32", own.sizes().vec(),
                     std::string_view(static_cast<const char*>(own.data_ptr()), own.nbytes())});
  }
  return views;
}

}  // namespace braid::encoders
