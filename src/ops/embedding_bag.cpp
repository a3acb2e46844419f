#include "ops/embedding_bag.h"

#include <torch/torch.h>

#include <algorithm>

#include "core/error.h"
#include "ops/kernels.h"
#include "ops/parallel.h"

namespace braid::ops {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

EmbeddingBag pointers(const Tensor& table, const Tensor& ids, const Tensor& real) {
  return {table.defined() ? table.data_ptr<float>() : nullptr, ids.data_ptr<int64_t>(),
          real.data_ptr<bool>(), ids.size(1)};
}

// Real ids of each row are counted, and checked: the kernels trust them.
void count_real(const EmbeddingBag& bag, int64_t table_rows, Tensor* counts) {
  float* count = counts->data_ptr<float>();
  for (int64_t b = 0; b < counts->size(0); ++b)
    for (int64_t i = b * bag.length; i < (b + 1) * bag.length; ++i) {
      if (!bag.real[i]) continue;
      BRAID_ASSERT(bag.ids[i] >= 0 && bag.ids[i] < table_rows);
      count[b] += 1;
    }
}

// The factor of each row's sum: (B).
Tensor scale_of(const std::vector<EmbeddingBag>& bags, at::TensorList tables, int64_t rows,
                BagMode mode) {
  Tensor counts = at::zeros({rows}, tables[0].options());
  for (size_t g = 0; g < bags.size(); ++g) count_real(bags[g], tables[g].size(0), &counts);
  float* scale = counts.data_ptr<float>();
  for (int64_t b = 0; b < rows; ++b)
    scale[b] = mode == BagMode::sum ? 1.0f : 1.0f / std::max(1.0f, scale[b]);
  return counts;
}

Tensor table_gradient(const EmbeddingBag& bag, const Tensor& scale, const Tensor& grad_out,
                      int64_t table_rows) {
  const int64_t rows = grad_out.size(0), width = grad_out.size(1);
  Tensor grad = at::zeros({table_rows, width}, grad_out.options());
  const int64_t work = rows * bag.length * width / kIdStripes;  // of one stripe
  parallel(kIdStripes, kElementGrain / std::max<int64_t>(1, work) + 1,
           [&](int64_t begin, int64_t end, int) {
             kernels()->embedding_bag_backward(width, rows, bag, scale.data_ptr<float>(),
                                               grad_out.data_ptr<float>(), grad.data_ptr<float>(),
                                               begin, end);
           });
  return grad;
}

// Inputs: the tables, their ids, and which are real.
class EmbeddingBagFunction : public torch::autograd::Function<EmbeddingBagFunction> {
 public:
  static Tensor forward(AutogradContext* context, at::TensorList tables, at::TensorList ids,
                        at::TensorList reals, BagMode mode) {
    const int64_t rows = ids[0].size(0), width = tables[0].size(1);
    std::vector<EmbeddingBag> bags;
    int64_t length = 0;
    std::vector<int64_t> table_rows;  // 0 where no gradient is wanted
    for (size_t g = 0; g < tables.size(); ++g) {
      bags.push_back(pointers(tables[g], ids[g], reals[g]));
      length += bags.back().length;
      table_rows.push_back(tables[g].requires_grad() ? tables[g].size(0) : 0);
    }
    const Tensor scale = scale_of(bags, tables, rows, mode);
    Tensor out = at::empty({rows, width}, tables[0].options());
    parallel(rows, std::max<int64_t>(1, kElementGrain / (length * width)),
             [&](int64_t begin, int64_t end, int) {
               kernels()->embedding_bag_forward(width, static_cast<int64_t>(bags.size()),
                                                bags.data(), scale.data_ptr<float>(),
                                                out.data_ptr<float>(), begin, end);
             });
    variable_list saved = {scale};
    saved.insert(saved.end(), ids.begin(), ids.end());
    saved.insert(saved.end(), reals.begin(), reals.end());
    context->save_for_backward(saved);
    context->saved_data["table_rows"] = table_rows;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // kernels have first derivatives only
    const auto saved = context->get_saved_variables();
    const auto table_rows = context->saved_data["table_rows"].toIntVector();
    const size_t count = table_rows.size();
    const Tensor grad_out = grads[0].contiguous();
    variable_list results(3 * count + 1);  // ids, real and mode have none
    for (size_t g = 0; g < count; ++g)
      if (table_rows[g] > 0)
        results[g] = table_gradient(pointers(Tensor(), saved[1 + g], saved[1 + count + g]),
                                    saved[0], grad_out, table_rows[g]);
    return results;
  }
};

bool is_fast(const Bag& bag) {
  return has_kernels_for(bag.table) && bag.table.is_contiguous() && bag.ids.numel() > 0 &&
         bag.ids.scalar_type() == at::kLong && bag.ids.device().is_cpu();
}

}  // namespace

Tensor embedding_bag_reference(const std::vector<Bag>& bags, BagMode mode) {
  BRAID_ASSERT(!bags.empty());
  Tensor sum, count;
  for (const Bag& bag : bags) {
    const Tensor drop = bag.real.logical_not();  // [B, T]
    const Tensor rows = at::embedding(bag.table, bag.ids.masked_fill(drop, 0))
                            .masked_fill(drop.unsqueeze(2), 0)
                            .sum(/*dim=*/1);                        // [B, D]
    const Tensor real = bag.real.sum(/*dim=*/1, /*keepdim=*/true);  // [B, 1]
    sum = sum.defined() ? sum + rows : rows;
    count = count.defined() ? count + real : real;
  }
  return mode == BagMode::sum ? sum : sum / count.clamp_min(1).to(sum.scalar_type());
}

Tensor embedding_bag(const std::vector<Bag>& bags, BagMode mode) {
  if (bags.empty() || !std::all_of(bags.begin(), bags.end(), is_fast))
    return embedding_bag_reference(bags, mode);
  variable_list tables, ids, reals;
  for (const Bag& bag : bags) {
    BRAID_ASSERT(bag.ids.sizes() == bag.real.sizes() && bag.ids.dim() == 2 &&
                 bag.ids.size(0) == bags[0].ids.size(0) &&
                 bag.table.size(1) == bags[0].table.size(1));
    tables.push_back(bag.table);
    ids.push_back(bag.ids.contiguous());
    reals.push_back(bag.real.contiguous());
  }
  return EmbeddingBagFunction::apply(at::TensorList(tables), at::TensorList(ids),
                                     at::TensorList(reals), mode);
}

}  // namespace braid::ops
