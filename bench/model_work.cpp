#include "bench/model_work.h"

#include <algorithm>
#include <memory>

#include "bench/subjects.h"
#include "core/error.h"
#include "core/file.h"
#include "core/free_cores.h"
#include "formats/safetensors.h"
#include "ops/cross_entropy.h"
#include "ops/parallel.h"
#include "ops/precision.h"
#include "ops/random.h"
#include "ops/work.h"
#include "train/adamw.h"

namespace braid::bench {
namespace {

using at::Tensor;

// A forward pass without gradients, or a step of AdamW.
constexpr uint64_t kSeed = 1;  // of what a method draws in training

class Runner {
 public:
  Runner(Subject subject, const Request& request)
      : subject_(std::move(subject)),
        is_training_(request.pass == "training"),
        precision_(ops::parse_precision(request.precision, "--precisions")),
        num_threads_(request.threads),
        shares_cores_(request.shares_cores),
        optimizer_(subject_.module->named_parameters(), train::AdamWOptions{}) {
    subject_.module->train(is_training_);
  }
  // A step at rate 0 takes as long as any other. Steps on one batch for minutes would end in
  // gradients so small that processors take a hundred times as long over them.
  Tensor once(double lr = 0) {
    const ops::ThreadScope threads(shares_cores_ ? std::min(num_threads_, free_cores())
                                                 : num_threads_);
    const ops::PrecisionScope precision(precision_);
    if (!is_training_) {
      const c10::InferenceMode inference;
      return subject_.forward().output;
    }
    optimizer_.zero_grad();
    const ops::RandomScope random(kSeed);
    const Fused fused = subject_.forward();
    Tensor loss =
        ops::cross_entropy(fused.output, subject_.target, at::ones({fused.output.size(0)}),
                           at::ones({fused.output.size(1)}), /*smoothing=*/0);
    if (fused.auxiliary.defined()) loss = loss + fused.auxiliary;
    loss.backward();
    optimizer_.step(lr);
    return loss.detach();
  }
  /// Outputs, or the losses of the first three steps.
  std::vector<double> values() {
    std::vector<double> all;
    for (int i = 0; i < (is_training_ ? 3 : 1); ++i) {
      const Tensor part = once(/*lr=*/1e-3).to(at::kDouble).contiguous().flatten();
      all.insert(all.end(), part.data_ptr<double>(), part.data_ptr<double>() + part.numel());
    }
    return all;
  }
  /// Two for each multiply-add of a forward pass.
  double operations() {
    const ops::WorkScope counting;
    const ops::RandomScope random(kSeed);
    const c10::InferenceMode inference;
    subject_.forward();
    return 2.0 * static_cast<double>(counting.work().multiply_adds);
  }
  const Subject& subject() const { return subject_; }

 private:
  Subject subject_;
  bool is_training_;
  ops::Precision precision_;
  int num_threads_;
  bool shares_cores_;
  train::AdamW optimizer_;
};

const char* dtype_of(const Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kFloat:
      return "F32";
    case at::kLong:
      return "I64";
    case at::kBool:
      return "BOOL";
    default:
      fail(ErrorKind::internal, "safetensors: no dtype for {}", at::toString(tensor.scalar_type()));
  }
}

bool is_fusion(const std::string& name) { return is_named(name, "fusion"); }

// All that peers need, in files and in the request.
Json load_request(const Request& request, const Subject& subject) {
  auto named = subject.inputs;
  std::vector<std::string> names;
  for (const auto& input : named) names.push_back(input.first);
  named.emplace_back("target", subject.target);
  Json load = subject.about;
  load["model"] = subject.model;
  load["weights"] = request.folder + "/weights";
  load["inputs"] = request.folder + "/inputs";
  load["names"] = names;
  load["precision"] = request.precision;
  load["training"] = request.pass == "training";
  write_tensors(subject.state, load["weights"]);
  write_tensors(named, load["inputs"]);
  return load;
}

}  // namespace

void write_tensors(const std::vector<std::pair<std::string, Tensor>>& named,
                   const std::string& path) {
  formats::SafeTensors file;
  for (const auto& [name, tensor] : named) {
    const Tensor values = tensor.detach().contiguous();
    formats::SafeTensor entry;
    entry.dtype = dtype_of(values);
    entry.shape = values.sizes().vec();
    entry.bytes.assign(static_cast<const char*>(values.data_ptr()), values.nbytes());
    file.tensors.emplace_back(name, std::move(entry));
  }
  write_file_atomically(path, formats::serialize_safetensors(file));
}

Work model_work(const Request& request) {
  const bool is_training = request.pass == "training";
  auto runner =
      std::make_shared<Runner>(is_fusion(request.name) ? fusion_subject(request.name, request.batch)
                                                       : make_subject(request.name, request.batch),
                               request);
  Work work;
  work.load = load_request(request, runner->subject());
  work.values = [runner] { return runner->values(); };
  work.once = [runner] { runner->once(); };
  // bf16 keeps 8 bits of each factor: two orders of the same sums differ in the second digit.
  const bool is_bf16 = request.precision == "bf16";
  work.tolerance = is_bf16 ? 3e-2 : 1e-3;
  for (const auto& item : runner->subject().state)
    work.resident += static_cast<double>(item.second.nbytes());
  if (is_bf16 && !is_training) work.resident /= 2;  // the packed weights
  // Backward is two more products for each, and AdamW reads and writes four arrays.
  work.operations = runner->operations() * (is_training ? 3 : 1);
  work.bytes = work.resident * (is_training ? 9 : 1);
  work.shares_peer = is_fusion(request.name);
  work.has_onnx = !is_training && !is_fusion(request.name);
  return work;
}

}  // namespace braid::bench
