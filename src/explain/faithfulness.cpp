#include "explain/faithfulness.h"

#include <torch/torch.h>

#include "core/error.h"
#include "core/rng.h"
#include "model/tensors.h"

namespace braid::explain {
namespace {

using at::Tensor;

constexpr size_t kPoints = Faithfulness::kSteps + 1;

// Place of each part in its row's order, the most important first, parts that are not real last.
Tensor ranks(const Tensor& importance, const Tensor& real) {
  const Tensor first =
      importance.to(at::kDouble)
          .masked_fill(real.logical_not(), -std::numeric_limits<double>::infinity())
          .argsort(/*dim=*/1, /*descending=*/true);
  return first.argsort(/*dim=*/1, /*descending=*/false);
}

Tensor random_importance(const std::vector<int64_t>& rows, int64_t num_parts, int64_t order) {
  const Tensor values = at::empty({static_cast<int64_t>(rows.size()), num_parts}, at::kDouble);
  double* next = values.data_ptr<double>();
  for (int64_t row : rows) {
    Rng random = Rng(1)
                     .fork("faithfulness")
                     .fork(static_cast<uint64_t>(row))
                     .fork(static_cast<uint64_t>(order));
    for (int64_t u = 0; u < num_parts; ++u) *next++ = random.uniform();
  }
  return values;
}

// Of kSteps equal steps, the area under points [begin, begin + kPoints).
double area(const std::vector<double>& points, size_t row) {
  double sum = 0;
  for (size_t k = 0; k < kPoints; ++k)
    sum += points[row * kPoints + k] * (k == 0 || k + 1 == kPoints ? 0.5 : 1);
  return sum / static_cast<double>(kPoints - 1);
}

Json mean_curve(const std::vector<double>& points) {
  const size_t N = points.size() / kPoints;
  Json curve = Json::array();
  for (size_t k = 0; k < kPoints; ++k) {
    double sum = 0;
    for (size_t i = 0; i < N; ++i) sum += points[i * kPoints + k];
    curve.push_back(finite_or_null(sum / static_cast<double>(N)));
  }
  return curve;
}

}  // namespace

void Faithfulness::add(const std::vector<int64_t>& rows, const std::vector<Order>& orders,
                       const Tensor& real, const Score& score) {
  const Tensor count = real.sum(/*dim=*/1, /*keepdim=*/true);  // [B, 1]
  const auto removed = [&count](int64_t k) {
    return (count * k * 2 + kSteps).floor_divide(2 * kSteps);  // half a part and more is a part
  };
  const Tensor whole = score(real), none = score(at::zeros_like(real));
  const auto append = [](const std::vector<Tensor>& points, std::vector<double>* to) {
    const std::vector<double> made = model::to_doubles(at::stack(points, /*dim=*/1));
    to->insert(to->end(), made.begin(), made.end());
  };
  if (orders_.empty())
    for (const Order& order : orders) orders_.push_back({order.first, {}, {}});
  BRAID_ASSERT(orders_.size() == orders.size());
  for (size_t o = 0; o < orders.size(); ++o) {
    const Tensor rank = ranks(orders[o].second, real);
    std::vector<Tensor> deletion = {whole}, insertion = {none};
    for (int64_t k = 1; k < kSteps; ++k) {
      deletion.push_back(score(real.logical_and(rank.ge(removed(k)))));
      insertion.push_back(score(real.logical_and(rank.lt(count - removed(kSteps - k)))));
    }
    deletion.push_back(none);
    insertion.push_back(whole);
    append(deletion, &orders_[o].deletion);
    append(insertion, &orders_[o].insertion);
  }
  std::vector<Tensor> deletion(kPoints, at::zeros_like(whole));
  for (int64_t r = 0; r < kRandomOrders; ++r) {
    const Tensor rank = ranks(random_importance(rows, real.size(1), r).to(real.device()), real);
    for (int64_t k = 1; k < kSteps; ++k)
      deletion[static_cast<size_t>(k)] =
          deletion[static_cast<size_t>(k)] +
          score(real.logical_and(rank.ge(removed(k)))) / static_cast<double>(kRandomOrders);
  }
  deletion.front() = whole;
  deletion.back() = none;
  append(deletion, &random_.deletion);
  // What is left by deletion is as random as what insertion shows.
  append({deletion.rbegin(), deletion.rend()}, &random_.insertion);
  num_rows_ += static_cast<int64_t>(rows.size());
  num_parts_ += count.sum().item<double>();
}

Json Faithfulness::summary(const std::vector<int64_t>& groups,
                           const metrics::BootstrapOptions& options) const {
  Json out = {{"rows", num_rows_},
              {"parts", num_parts_ / static_cast<double>(std::max<int64_t>(num_rows_, 1))},
              {"steps", kSteps},
              {"random",
               {{"orders", kRandomOrders},
                {"deletion", mean_curve(random_.deletion)},
                {"insertion", mean_curve(random_.insertion)}}}};
  out["orders"] = Json::array();
  for (const Curves& order : orders_) {
    const std::vector<metrics::Interval> gains = metrics::bootstrap_rows(
        num_rows_, groups,
        [&](const std::vector<int64_t>& drawn) {
          double deletion = 0, insertion = 0;
          for (int64_t row : drawn) {
            const auto i = static_cast<size_t>(row);
            deletion += area(random_.deletion, i) - area(order.deletion, i);
            insertion += area(order.insertion, i) - area(random_.insertion, i);
          }
          const auto N = static_cast<double>(drawn.size());
          return std::vector<double>{deletion / N, insertion / N};
        },
        options);
    out["orders"].push_back({{"name", order.name},
                             {"deletion", mean_curve(order.deletion)},
                             {"insertion", mean_curve(order.insertion)},
                             {"deletion_gain", metrics::to_json(gains[0])},
                             {"insertion_gain", metrics::to_json(gains[1])}});
  }
  return out;
}

}  // namespace braid::explain
