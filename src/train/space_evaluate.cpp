#include "train/space_evaluate.h"

#include <algorithm>
#include <unordered_map>

#include "core/error.h"
#include "core/file.h"
#include "core/thread_pool.h"
#include "core/unit_rows.h"
#include "metrics/shared_space.h"
#include "model/tensors.h"
#include "ops/memory.h"

namespace braid::train {
namespace {

using at::Tensor;

constexpr int64_t kBatch = 64;
constexpr int64_t kCutoffs[] = {1, 5, 10};

template <class T>
uint64_t hash_of(const std::vector<T>& values, uint64_t seed) {
  return hash_bytes({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)},
                    seed);
}

std::vector<float> floats_of(const Tensor& vectors) {
  const Tensor own = vectors.contiguous();
  return {own.data_ptr<float>(), own.data_ptr<float>() + own.numel()};
}

// Vectors of the given rows of one modality.
std::vector<float> chosen(const SpaceRows& rows, size_t modality,
                          const std::vector<int64_t>& which) {
  return floats_of(rows.vectors[modality].index_select(
      0, at::tensor(at::ArrayRef<int64_t>(which.data(), which.size()), at::kLong)));
}

std::vector<int64_t> rows_with(const SpaceRows& rows, size_t a, size_t b) {
  std::vector<int64_t> both;
  for (size_t i = 0; i < rows.present[a].size(); ++i)
    if (rows.present[a][i] && rows.present[b][i]) both.push_back(static_cast<int64_t>(i));
  return both;
}

// The chance that one of `answers` of n candidates is among the first k.
double chance_of(int64_t answers, int64_t n, int64_t k) {
  double none = 1;
  for (int64_t i = 0; i < std::min(k, n); ++i)
    none *= std::max(0.0, static_cast<double>(n - answers - i) / static_cast<double>(n - i));
  return 1 - none;
}

// The places of each query's answers among the candidates, ascending.
metrics::Answers answers_of(const SpaceRows& rows, const Direction& direction,
                            const std::vector<int64_t>& candidates) {
  std::unordered_map<uint64_t, std::vector<int64_t>> by_to, by_from;
  for (size_t j = 0; j < candidates.size(); ++j) {
    const auto row = static_cast<size_t>(candidates[j]);
    by_to[rows.content[direction.to][row]].push_back(static_cast<int64_t>(j));
    if (rows.present[direction.from][row])
      by_from[rows.content[direction.from][row]].push_back(static_cast<int64_t>(j));
  }
  metrics::Answers answers;
  for (int64_t query : direction.rows) {
    const auto row = static_cast<size_t>(query);
    std::vector<int64_t> all = by_to[rows.content[direction.to][row]];
    const std::vector<int64_t>& same = by_from[rows.content[direction.from][row]];
    all.insert(all.end(), same.begin(), same.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    answers.push_back(std::move(all));
  }
  return answers;
}

Json to_json(const Direction& direction, const std::vector<std::string>& names) {
  const metrics::RetrievalIntervals all = metrics::retrieval_intervals(direction.queries);
  return {{"from", names[direction.from]},
          {"to", names[direction.to]},
          {"queries", direction.queries.size()},
          {"candidates", direction.num_candidates},
          {"recall_1", metrics::to_json(all.recall_1)},
          {"recall_5", metrics::to_json(all.recall_5)},
          {"recall_10", metrics::to_json(all.recall_10)},
          {"median_rank", metrics::to_json(all.median_rank)},
          {"mean_average_precision", metrics::to_json(all.mean_average_precision)},
          {"chance",
           {{"recall_1", direction.chance[0]},
            {"recall_5", direction.chance[1]},
            {"recall_10", direction.chance[2]}}}};
}

}  // namespace

std::vector<std::vector<uint64_t>> contents_of(const model::SharedSpace& space,
                                               data::PreparedStore& store,
                                               const std::vector<int64_t>& rows, int num_threads) {
  std::vector<std::vector<uint64_t>> contents;
  for (size_t modality : space.prepared_modalities()) {
    std::vector<uint64_t> content(rows.size(), 0);
    parallel_for(static_cast<int64_t>(rows.size()), num_threads, [&](int64_t i) {
      const auto at = static_cast<size_t>(i);
      const std::shared_ptr<const data::Prepared> one = store.get(rows[at], modality);
      if (one->present)
        content[at] =
            hash_of(one->times, hash_of(one->observed, hash_of(one->ids, hash_of(one->values, 1))));
    });
    contents.push_back(std::move(content));
  }
  return contents;
}

SpaceRows encode_rows(model::SharedSpace& space, data::PreparedStore& store,
                      const std::vector<int64_t>& rows, std::vector<std::vector<uint64_t>> content,
                      int num_workers) {
  const ops::MemoryScope memory;
  const torch::NoGradGuard no_grad;
  space.eval();
  data::LoaderOptions options;
  options.batch_size = kBatch;
  options.num_workers = num_workers;
  options.modalities = space.prepared_modalities();
  data::Loader loader(store, rows, options);
  const size_t M = space.modalities().size();
  std::vector<std::vector<Tensor>> vectors(M, {at::zeros({0, space.width()})});
  SpaceRows result;
  result.content = std::move(content);
  result.present.resize(M);
  data::Batch batch;
  while (loader.next(&batch)) {
    const model::TensorBatch tensors =
        model::to_tensors(std::move(batch), space.specs(), space.device());
    for (size_t m = 0; m < M; ++m) {
      const model::Embedded made = space.embed(tensors.inputs[m], m);
      vectors[m].push_back(made.rows.to(at::kCPU, at::kFloat));
      const Tensor present = made.present.cpu();
      for (int64_t i = 0; i < present.size(0); ++i)
        result.present[m].push_back(present[i].item<bool>());
    }
  }
  for (size_t m = 0; m < M; ++m) {
    result.vectors.push_back(at::cat(vectors[m]));
    BRAID_CHECK(at::isfinite(result.vectors[m]).all().item<bool>(), numeric,
                "{}: vectors: expected finite numbers, got NaN or infinity; lower train.lr",
                space.modalities()[m]);
  }
  return result;
}

std::vector<Direction> rank_directions(const SpaceRows& rows, int num_threads) {
  std::vector<Direction> directions;
  for (size_t from = 0; from < rows.vectors.size(); ++from)
    for (size_t to = 0; to < rows.vectors.size(); ++to) {
      if (from == to) continue;
      Direction direction;
      direction.from = from;
      direction.to = to;
      direction.rows = rows_with(rows, from, to);
      if (direction.rows.empty()) continue;
      const std::vector<int64_t> candidates = rows_with(rows, to, to);
      direction.num_candidates = static_cast<int64_t>(candidates.size());
      const metrics::Answers answers = answers_of(rows, direction, candidates);
      const int64_t width = rows.vectors[from].size(1);
      direction.queries = metrics::rank_queries(
          unit_rows(chosen(rows, from, direction.rows), width, "queries"),
          unit_rows(chosen(rows, to, candidates), width, "candidates"), answers, num_threads);
      for (int64_t k : kCutoffs) {
        double sum = 0;
        for (const auto& one : answers)
          sum += chance_of(static_cast<int64_t>(one.size()), direction.num_candidates, k);
        direction.chance.push_back(sum / static_cast<double>(answers.size()));
      }
      directions.push_back(std::move(direction));
    }
  return directions;
}

MeanRetrieval mean_retrieval(const std::vector<Direction>& directions) {
  MeanRetrieval mean;
  const double count = static_cast<double>(directions.size());
  for (const Direction& direction : directions) {
    const metrics::Retrieval one = metrics::summarize(direction.queries);
    mean.recall_10 += one.recall_10 / count;
    mean.average_precision += one.mean_average_precision / count;
  }
  return mean;
}

Json measure_space(const SpaceRows& rows, const std::vector<std::string>& names, int num_threads) {
  Json measured = {{"rows", rows.present.empty() ? 0 : rows.present[0].size()},
                   {"directions", Json::array()},
                   {"pairs", Json::array()},
                   {"uniformity", Json::object()}};
  for (const Direction& direction : rank_directions(rows, num_threads))
    measured["directions"].push_back(to_json(direction, names));
  for (size_t a = 0; a < names.size(); ++a) {
    const std::vector<int64_t> own = rows_with(rows, a, a);
    const int64_t width = rows.vectors[a].size(1);
    if (own.size() >= 2)
      measured["uniformity"][names[a]] =
          metrics::uniformity(chosen(rows, a, own), width, num_threads);
    for (size_t b = a + 1; b < names.size(); ++b) {
      const std::vector<int64_t> both = rows_with(rows, a, b);
      if (both.empty()) continue;
      const std::vector<float> left = chosen(rows, a, both), right = chosen(rows, b, both);
      measured["pairs"].push_back({{"a", names[a]},
                                   {"b", names[b]},
                                   {"rows", both.size()},
                                   {"modality_gap", metrics::modality_gap(left, right, width)},
                                   {"alignment", metrics::alignment(left, right, width)}});
    }
  }
  return measured;
}

}  // namespace braid::train
