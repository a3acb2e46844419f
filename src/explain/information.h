// How much a model's predictions tell of the truth, and how two modalities share that.
#pragma once
#include <cstdint>
#include <vector>

#include "metrics/metric.h"

namespace braid::explain {

/// What predictions tell of the class, in bits.
struct Information {
  double total = 0;
  std::vector<double> per_class;  // of the rows of each class; 0 for a class without rows
};

/// H(Y) - cross-entropy of the predictions, H(Y) that of the classes among the rows. Below 0 where
/// the model is worse than knowing how frequent the classes are. Binary, multiclass.
///
/// Source   Xu et al. 2020 (predictive V-information), arXiv:2002.10689.
Information information_of(const metrics::Predictions& predictions);

/// Of what two modalities tell together: what both tell, what one alone does, and what only the two
/// together do. In bits; redundant + unique_a + unique_b + synergistic = the information of both.
struct Decomposition {
  double redundant = 0, unique_a = 0, unique_b = 0, synergistic = 0;
};

/// From the information of the model on modality a alone, on b alone, and on both. Redundancy is
/// the smaller of the two, class by class.
///
/// Source   Williams and Beer 2010 (I_min), arXiv:1004.2515, on predictive information. Limits:
///          I_min calls redundant what is of equal size, not what is the same; and it is about what
///          this model makes of the modalities, not about the data.
Decomposition decompose(const std::vector<double>& class_shares, const Information& a,
                        const Information& b, const Information& both);

/// Share of the rows of each class. Binary, multiclass.
std::vector<double> class_shares(const metrics::Predictions& predictions);

}  // namespace braid::explain
