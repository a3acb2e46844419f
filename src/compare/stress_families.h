// Early, late and hybrid fusion side by side under stress: the textbook's claims, measured.
#pragma once
#include "compare/trials.h"

namespace braid::compare {

/// The best method of each family by validation, and the best single modality, each measured as
/// `braid stress` does on the test rows of the first fold, with the same seeds: what is hidden,
/// corrupted and shuffled is the same for all. Effective robustness is against the best late fusion
/// (the best single modality where there is none).
///
/// Shapes   -> compare.json's `stress`.
/// Cost     as explain::stress, for each family.
Json stress_families(const CompareJob& job, const train::Experiment& experiment,
                     const std::vector<train::Fold>& folds, const metrics::Method& metric,
                     const Plan& plan, const Json& document);

/// What the documents say of the textbook's claims, one sentence each: early fusion needs what
/// belongs together, late fusion survives a missing modality, hybrid fusion balances. `methods`:
/// stress documents with `name` and `family`.
std::vector<std::string> claims(const Json& methods);

}  // namespace braid::compare
