// Early fusion of minimally processed features: resized, flattened, standardised, then one
// classifier.
#include "fusion/concat_classifier.h"

namespace braid::fusion {

extern const Method concat_features = {
    "concat_features",
    "Minimally processed features concatenated, one classifier on top.",
    "Baltrusaitis et al. 2019, arXiv:1705.09406",
    Family::early,
    /*reads_raw=*/true,
    supports_all,
    "A learned vector stands for an absent modality.",
    "Few rows, features that matter together, and no modality missing in use.",
    describe_config<VectorConfig>,
    make_from<Concat, VectorConfig>};

}  // namespace braid::fusion
