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

memory::data_type type_of(at::ScalarType type) {
  return type == at::kBFloat16 ? memory::data_type::bf16 : memory::data_type::f32;
}

Product compile(const at::Tensor& a, const memory::desc& b, const at::Tensor& bias,
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
      bias.defined() ? dnnl::matmul::desc(describe(a), b, bias_desc, describe(out))
                     : dnnl::matmul::desc(describe(a), b, describe(out));
  Product made{dnnl::matmul({product, attributes, cpu()}), {}};
  // Without data: every call sets its own.
  made.arguments = {{DNNL_ARG_SRC, memory(describe(a), cpu(), nullptr)},
                    {DNNL_ARG_WEIGHTS, memory(b, cpu(), nullptr)},
                    {DNNL_ARG_DST, memory(describe(out), cpu(), nullptr)}};
  if (bias.defined()) made.arguments.emplace(DNNL_ARG_BIAS, memory(bias_desc, cpu(), nullptr));
  return made;
}

// The layout that oneDNN asks for; it follows from these three, whatever the rows of a.
memory::desc packed_layout(int64_t depth, int64_t width, at::ScalarType type) {
  constexpr int64_t kRows = 128;
  const memory::desc a({kRows, depth}, type_of(type), {depth, 1});
  const memory::desc b({depth, width}, type_of(type), memory::format_tag::any);
  const memory::desc out({kRows, width}, memory::data_type::f32, {width, 1});
  return dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, b, out), cpu()).weights_desc();
}

constexpr size_t kMostProducts = 1024;  // a dataset of many lengths must not fill the memory

// `strides_of_b` are 0, 0 for a packed b, whose layout `layout_of_b` makes up.
template <class Layout>
void multiply(const at::Tensor& a, const void* b, std::array<int64_t, 2> strides_of_b,
              const Layout& layout_of_b, const at::Tensor& bias, const ProductOptions& options,
              at::Tensor* out) {
  thread_local std::unordered_map<Key, Product, KeyHash> products;
  thread_local dnnl::stream stream(cpu());
  const int64_t kind = (out->scalar_type() == at::kBFloat16 ? 16 : 0) +
                       (a.scalar_type() == at::kBFloat16 ? 8 : 0) + (bias.defined() ? 4 : 0) +
                       (options.is_added ? 2 : 0) + (options.is_gelu ? 1 : 0);
  // The number of threads decides how oneDNN divides the work.
  const Key key = {a.size(0),       a.size(1),   out->size(1),
                   a.stride(0),     a.stride(1), strides_of_b[0],
                   strides_of_b[1], kind,        at::get_num_threads()};
  auto found = products.find(key);
  if (found == products.end()) {
    if (products.size() >= kMostProducts) products.clear();
    found = products.emplace(key, compile(a, layout_of_b(), bias, options, *out)).first;
  }
  auto& arguments = found->second.arguments;
  arguments.at(DNNL_ARG_SRC).set_data_handle(a.data_ptr());
  arguments.at(DNNL_ARG_WEIGHTS).set_data_handle(const_cast<void*>(b));
  arguments.at(DNNL_ARG_DST).set_data_handle(out->data_ptr());
  if (bias.defined()) arguments.at(DNNL_ARG_BIAS).set_data_handle(bias.data_ptr());
  found->second.primitive.execute(stream, arguments);
  stream.wait();
}

}  // namespace

void matrix_multiply(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bias,
                     const ProductOptions& options, at::Tensor* out) {
  multiply(
      a, b.data_ptr(), {b.stride(0), b.stride(1)}, [&b] { return describe(b); }, bias, options,
      out);
}

PackedFactor::PackedFactor(const at::Tensor& b, at::ScalarType type)
    : depth_(b.size(0)), width_(b.size(1)) {
  const memory::desc layout = packed_layout(depth_, width_, type);
  const int64_t size = static_cast<int64_t>(layout.get_size() / at::elementSize(type));
  values_ = at::empty({size}, at::TensorOptions().dtype(type));
  memory from(describe(b), cpu(), b.data_ptr()), to(layout, cpu(), values_.data_ptr());
  dnnl::stream stream(cpu());
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
}

void matrix_multiply(const at::Tensor& a, const PackedFactor& b, const at::Tensor& bias,
                     const ProductOptions& options, at::Tensor* out) {
  multiply(
      a, b.values_.data_ptr(), {0, 0}, [&b] { return packed_layout(b.depth_, b.width_, b.type()); },
      bias, options, out);
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

PackedFactor::PackedFactor(const at::Tensor& b, at::ScalarType type)
    : depth_(b.size(0)), width_(b.size(1)), values_(b.to(type).contiguous()) {}

void matrix_multiply(const at::Tensor& a, const PackedFactor& b, const at::Tensor& bias,
                     const ProductOptions& options, at::Tensor* out) {
  matrix_multiply(a, b.values_, bias, options, out);
}

std::string matrix_library() { return "libtorch"; }

#endif

}  // namespace braid::ops
