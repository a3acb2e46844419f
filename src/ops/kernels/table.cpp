// The table of one instruction set, BRAID_ISA: compiled once for each, with its flags.
#include "ops/kernels/attention.h"
#include "ops/kernels/embedding_bag.h"
#include "ops/kernels/group_norm.h"
#include "ops/kernels/kernels.h"
#include "ops/kernels/pool.h"
#include "ops/kernels/products.h"
#include "ops/kernels/rows.h"
#include "ops/kernels/weighted_average.h"

#define BRAID_TEXT_OF(word) #word
#define BRAID_TEXT(word) BRAID_TEXT_OF(word)

namespace braid::ops::BRAID_ISA {

extern const Kernels kernels;
const Kernels kernels = {
    BRAID_TEXT(BRAID_ISA),
    attention_scratch,
    attention_forward<float>,
    attention_backward<float>,
    attention_forward<uint16_t>,
    attention_backward<uint16_t>,
    layer_norm_forward,
    layer_norm_backward,
    few_rows_product,
    few_rows_scratch,
    split_rows,
    few_rows_product_bf16,
    some_rows_scratch,
    some_rows_product,
    relu_forward,
    gelu_forward,
    bias_backward<float>,
    gelu_backward,
    relu_backward,
    round_to_bf16,
    gelu_forward_bf16,
    gelu_backward_bf16,
    bias_backward<uint16_t>,
    round_with_bias_backward,
    max_pool_forward,
    max_pool_backward,
    region_mean_forward,
    region_mean_backward,
    group_norm_relu_forward,
    group_norm_relu_backward,
    cross_entropy,
    embedding_bag_forward,
    embedding_bag_backward,
    weighted_average_forward,
    weighted_average_backward,
    adamw,
};

}  // namespace braid::ops::BRAID_ISA
