// A comparison on the tiny dataset.
#pragma once
#include <string>
#include <vector>

#include "compare/compare.h"
#include "support/tiny_runs.h"

namespace braid::checks {

inline compare::CompareJob tiny_job(const train::ExperimentConfig& config, const std::string& out,
                                    const std::vector<std::string>& methods, int64_t seeds = 1) {
  compare::CompareJob job;
  static_cast<train::ExperimentConfig&>(job.config) = config;
  job.config.model.fusion = Json::object();
  job.config.compare.methods = methods;
  job.config.compare.seeds = seeds;
  job.out = out;
  job.command = "braid compare tiny.csv";
  return job;
}

}  // namespace braid::checks
