#include "ops/onednn.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "core/error.h"

#ifdef BRAID_HAS_ONEDNN
#include <array>
#include <dnnl.hpp>
#include <unordered_map>
#endif

namespace braid::ops {

#ifdef BRAID_HAS_ONEDNN
namespace {

using dnnl::memory;

// Shapes and layouts of one product; a product of another key is another primitive.
using Key = std::array<int64_t, 9>;

struct KeyHash {
  size_t operator()(const Key& key) const {
    size_t hash = 1469598103934665603u;  // FNV-1a
    for (int64_t part : key) hash = (hash ^ static_cast<size_t>(part)) * 1099511628211u;
    return hash;
  }
};

struct Product {
  dnnl::matmul primitive;
  std::unordered_map<int, memory> arguments;
};

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

memory::desc describe(const at::Tensor& x) {
  const auto type =
      x.scalar_type() == at::kBFloat16 ? memory::data_type::bf16 : memory::data_type::f32;
  return {{x.size(0), x.size(1)}, type, {x.stride(0), x.stride(1)}};
}

Product compile(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bias,
                const ProductOptions& options, const at::Tensor& out) {
  dnnl::post_ops after;
  // relu is not among them: oneDNN's turns NaN into 0.
  if (options.is_added) after.append_sum();
  if (options.is_gelu) after.append_eltwise(1.0f, dnnl::algorithm::eltwise_gelu_erf, 0, 0);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  const memory::desc bias_desc =
      bias.defined() ? memory::desc({1, out.size(1)}, memory::data_type::f32, {out.size(1), 1})
                     : memory::desc();
  const dnnl::matmul::desc product =
      bias.defined() ? dnnl::matmul::desc(describe(a), describe(b), bias_desc, describe(out))
                     : dnnl::matmul::desc(describe(a), describe(b), describe(out));
  Product made{dnnl::matmul({product, attributes, cpu()}), {}};
  // Without data: every call sets its own.
  made.arguments = {{DNNL_ARG_SRC, memory(describe(a), cpu(), nullptr)},
                    {DNNL_ARG_WEIGHTS, memory(describe(b), cpu(), nullptr)},
                    {DNNL_ARG_DST, memory(describe(out), cpu(), nullptr)}};
  if (bias.defined()) made.arguments.emplace(DNNL_ARG_BIAS, memory(bias_desc, cpu(), nullptr));
  return made;
}

constexpr size_t kMostProducts = 1024;  // a dataset of many lengths must not fill the memory

}  // namespace

void matrix_multiply(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bias,
                     const ProductOptions& options, at::Tensor* out) {
  thread_local std::unordered_map<Key, Product, KeyHash> products;
  thread_local dnnl::stream stream(cpu());
  // The number of threads decides how oneDNN divides the work.
  const Key key = {a.size(0),
                   a.size(1),
                   b.size(1),
                   a.stride(0),
                   a.stride(1),
                   b.stride(0),
                   b.stride(1),
                   (out->scalar_type() == at::kBFloat16 ? 16 : 0) +
                       (a.scalar_type() == at::kBFloat16 ? 8 : 0) + (bias.defined() ? 4 : 0) +
                       (options.is_added ? 2 : 0) + (options.is_gelu ? 1 : 0),
                   at::get_num_threads()};
  auto found = products.find(key);
  if (found == products.end()) {
    if (products.size() >= kMostProducts) products.clear();
    found = products.emplace(key, compile(a, b, bias, options, *out)).first;
  }
  auto& arguments = found->second.arguments;
  arguments.at(DNNL_ARG_SRC).set_data_handle(a.data_ptr());
  arguments.at(DNNL_ARG_WEIGHTS).set_data_handle(b.data_ptr());
  arguments.at(DNNL_ARG_DST).set_data_handle(out->data_ptr());
  if (bias.defined()) arguments.at(DNNL_ARG_BIAS).set_data_handle(bias.data_ptr());
  found->second.primitive.execute(stream, arguments);
  stream.wait();
}

std::string matrix_library() {
  const dnnl_version_t* version = dnnl::version();
  return fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch);
}

#else

void matrix_multiply(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bias,
                     const ProductOptions& options, at::Tensor* out) {
  at::Tensor product = at::mm(a, b).to(at::kFloat);
  if (bias.defined()) product.add_(bias);
  if (options.is_added) product.add_(*out);
  out->copy_(options.is_gelu ? at::gelu(product) : product);
}

std::string matrix_library() { return "libtorch"; }

#endif

}  // namespace braid::ops
