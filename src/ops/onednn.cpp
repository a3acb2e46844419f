#include "ops/onednn.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "core/error.h"
#include "ops/parallel.h"

#ifdef BRAID_HAS_ONEDNN
#include <algorithm>
#include <array>
#include <dnnl.hpp>
#include <unordered_map>
#endif

namespace braid::ops {

#ifdef BRAID_HAS_ONEDNN
namespace {

using dnnl::memory;

// Shapes and layouts of one product; a product of another key is another primitive.
using Key = std::array<int64_t, 10>;

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

memory::data_type type_of(at::ScalarType type) {
  return type == at::kBFloat16 ? memory::data_type::bf16 : memory::data_type::f32;
}

// A matrix in memory; strides of 0, 0 stand for a layout of oneDNN's own.
struct Matrix {
  char* data;
  int64_t rows, columns;
  std::array<int64_t, 2> strides;
  at::ScalarType type;

  explicit Matrix(const at::Tensor& x)
      : data(static_cast<char*>(x.data_ptr())),
        rows(x.size(0)),
        columns(x.size(1)),
        strides{x.stride(0), x.stride(1)},
        type(x.scalar_type()) {}
  Matrix block(int64_t row, int64_t column, int64_t num_rows, int64_t num_columns) const {
    Matrix part = *this;
    const int64_t offset = row * strides[0] + column * strides[1];
    part.data += offset * static_cast<int64_t>(at::elementSize(type));
    part.rows = num_rows;
    part.columns = num_columns;
    return part;
  }
  memory::desc describe() const {
    return {{rows, columns}, type_of(type), {strides[0], strides[1]}};
  }
};

// oneDNN 2 (Debian 12) makes an operation's description apart from its primitive's, 3 does not.
dnnl::matmul::primitive_desc describe(const memory::desc& a, const memory::desc& b,
                                      const memory::desc* bias, const memory::desc& out,
                                      const dnnl::primitive_attr& attributes) {
#if DNNL_VERSION_MAJOR >= 3
  if (bias == nullptr) return {cpu(), a, b, out, attributes};
  return {cpu(), a, b, *bias, out, attributes};
#else
  if (bias == nullptr) return {dnnl::matmul::desc(a, b, out), attributes, cpu()};
  return {dnnl::matmul::desc(a, b, *bias, out), attributes, cpu()};
#endif
}

void append_gelu(dnnl::post_ops& after) {
#if DNNL_VERSION_MAJOR >= 3
  after.append_eltwise(dnnl::algorithm::eltwise_gelu_erf, 0, 0);
#else
  after.append_eltwise(1.0f, dnnl::algorithm::eltwise_gelu_erf, 0, 0);
#endif
}

Product compile(const Matrix& a, const memory::desc& b, const float* bias,
                const ProductOptions& options, const Matrix& out) {
  dnnl::post_ops after;
  // relu is not among them: oneDNN's turns NaN into 0.
  if (options.is_added) after.append_sum();
  if (options.is_gelu) append_gelu(after);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  const memory::desc bias_desc =
      bias != nullptr ? memory::desc({1, out.columns}, memory::data_type::f32, {out.columns, 1})
                      : memory::desc();
  Product made{dnnl::matmul(describe(a.describe(), b, bias != nullptr ? &bias_desc : nullptr,
                                     out.describe(), attributes)),
               {}};
  // Without data: every call sets its own.
  made.arguments = {{DNNL_ARG_SRC, memory(a.describe(), cpu(), nullptr)},
                    {DNNL_ARG_WEIGHTS, memory(b, cpu(), nullptr)},
                    {DNNL_ARG_DST, memory(out.describe(), cpu(), nullptr)}};
  if (bias != nullptr) made.arguments.emplace(DNNL_ARG_BIAS, memory(bias_desc, cpu(), nullptr));
  return made;
}

// Below AVX-512 oneDNN's product shares the depth out among threads, whose sums then depend on
// their number: the product is cut up here instead, by its shape alone.
bool needs_blocks() {
  static const bool needs = [] {
    const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
    return isa == dnnl::cpu_isa::sse41 || isa == dnnl::cpu_isa::avx || isa == dnnl::cpu_isa::avx2 ||
           isa == dnnl::cpu_isa::avx2_vnni;
  }();
  return needs;
}
constexpr int64_t kBlockRows = 256, kBlockColumns = 128;

// The layout that oneDNN asks for; it follows from these three, whatever the rows of a.
memory::desc packed_layout(int64_t depth, int64_t width, at::ScalarType type) {
  constexpr int64_t kRows = 128;
  const memory::desc a({kRows, depth}, type_of(type), {depth, 1});
  const memory::desc b({depth, width}, type_of(type), memory::format_tag::any);
  const memory::desc out({kRows, width}, memory::data_type::f32, {width, 1});
  return describe(a, b, nullptr, out, dnnl::primitive_attr()).weights_desc();
}

constexpr size_t kMostProducts = 1024;  // a dataset of many lengths must not fill the memory

void multiply_whole(const Matrix& a, const Matrix& b, const float* bias,
                    const ProductOptions& options, const Matrix& out) {
  thread_local std::unordered_map<Key, Product, KeyHash> products;
  thread_local dnnl::stream stream(cpu());
  const int64_t kind = (out.type == at::kBFloat16 ? 16 : 0) + (a.type == at::kBFloat16 ? 8 : 0) +
                       (bias != nullptr ? 4 : 0) + (options.is_added ? 2 : 0) +
                       (options.is_gelu ? 1 : 0);
  // The number of threads decides how oneDNN divides the work.
  const Key key = {a.rows,       a.columns,
                   out.columns,  a.strides[0],
                   a.strides[1], b.strides[0],
                   b.strides[1], out.strides[0],
                   kind,         needs_blocks() ? 1 : at::get_num_threads()};
  auto found = products.find(key);
  if (found == products.end()) {
    if (products.size() >= kMostProducts) products.clear();
    const memory::desc layout = b.strides == std::array<int64_t, 2>{0, 0}
                                    ? packed_layout(b.rows, b.columns, b.type)
                                    : b.describe();
    found = products.emplace(key, compile(a, layout, bias, options, out)).first;
  }
  auto& arguments = found->second.arguments;
  arguments.at(DNNL_ARG_SRC).set_data_handle(a.data);
  arguments.at(DNNL_ARG_WEIGHTS).set_data_handle(b.data);
  arguments.at(DNNL_ARG_DST).set_data_handle(out.data);
  if (bias != nullptr) arguments.at(DNNL_ARG_BIAS).set_data_handle(const_cast<float*>(bias));
  found->second.primitive.execute(stream, arguments);
  stream.wait();
}

void multiply(const Matrix& a, const Matrix& b, const at::Tensor& bias_vector,
              const ProductOptions& options, const Matrix& out) {
  const float* bias = bias_vector.defined() ? bias_vector.data_ptr<float>() : nullptr;
  if (!needs_blocks()) return multiply_whole(a, b, bias, options, out);
  const int64_t down = (out.rows + kBlockRows - 1) / kBlockRows,
                across = (out.columns + kBlockColumns - 1) / kBlockColumns;
  parallel(down * across, /*grain=*/1, [&](int64_t begin, int64_t end, int) {
    const ThreadScope alone(1);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = i / across * kBlockRows, column = i % across * kBlockColumns;
      const int64_t rows = std::min(kBlockRows, out.rows - row),
                    columns = std::min(kBlockColumns, out.columns - column);
      multiply_whole(a.block(row, 0, rows, a.columns), b.block(0, column, b.rows, columns),
                     bias == nullptr ? nullptr : bias + column, options,
                     out.block(row, column, rows, columns));
    }
  });
}

// A right factor as PackedFactor keeps it.
Matrix packed_matrix(const at::Tensor& values, int64_t depth, int64_t width) {
  Matrix matrix(values.reshape({1, -1}));
  matrix.rows = depth;
  matrix.columns = width;
  matrix.strides = needs_blocks() ? std::array<int64_t, 2>{width, 1} : std::array<int64_t, 2>{0, 0};
  return matrix;
}

// Below AVX-512 oneDNN has no bfloat16: the rounded factors are multiplied as float32.
void multiply_rounded(const at::Tensor& a, const Matrix& b, const at::Tensor& bias,
                      const ProductOptions& options, at::Tensor* out) {
  at::Tensor product = options.is_added ? out->to(at::kFloat) : at::empty(out->sizes(), at::kFloat);
  const at::Tensor wide = a.to(at::kFloat);
  multiply(Matrix(wide), b, bias, options, Matrix(product));
  if (product.data_ptr() != out->data_ptr()) out->copy_(product);
}

bool is_rounded(const at::Tensor& a, const at::Tensor& out) {
  return a.scalar_type() == at::kBFloat16 || out.scalar_type() == at::kBFloat16;
}

}  // namespace

void matrix_multiply(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bias,
                     const ProductOptions& options, at::Tensor* out) {
  if (needs_blocks() && is_rounded(a, *out)) {
    const at::Tensor wide = b.to(at::kFloat);
    return multiply_rounded(a, Matrix(wide), bias, options, out);
  }
  multiply(Matrix(a), Matrix(b), bias, options, Matrix(*out));
}

PackedFactor::PackedFactor(const at::Tensor& b, at::ScalarType type)
    : depth_(b.size(0)), width_(b.size(1)), type_(type) {
  if (needs_blocks()) {
    values_ = b.to(type).to(at::kFloat).contiguous();
    return;
  }
  const memory::desc layout = packed_layout(depth_, width_, type);
  const int64_t size = static_cast<int64_t>(layout.get_size() / at::elementSize(type));
  values_ = at::empty({size}, at::TensorOptions().dtype(type));
  memory from(Matrix(b).describe(), cpu(), b.data_ptr()), to(layout, cpu(), values_.data_ptr());
  dnnl::stream stream(cpu());
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
}

void matrix_multiply(const at::Tensor& a, const PackedFactor& b, const at::Tensor& bias,
                     const ProductOptions& options, at::Tensor* out) {
  const Matrix factor = packed_matrix(b.values_, b.depth_, b.width_);
  if (needs_blocks() && is_rounded(a, *out)) return multiply_rounded(a, factor, bias, options, out);
  multiply(Matrix(a), factor, bias, options, Matrix(*out));
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
    : depth_(b.size(0)), width_(b.size(1)), type_(type), values_(b.to(type).contiguous()) {}

void matrix_multiply(const at::Tensor& a, const PackedFactor& b, const at::Tensor& bias,
                     const ProductOptions& options, at::Tensor* out) {
  matrix_multiply(a, b.values_, bias, options, out);
}

std::string matrix_library() { return "libtorch"; }

#endif

}  // namespace braid::ops
