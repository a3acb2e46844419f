// Early fusion: the encoders' vectors side by side, one classifier on top.
#include "fusion/concat_classifier.h"

namespace braid::fusion {

extern const Method concat = {
    "concat",
    "The encoders' vectors concatenated, one classifier on top.",
    "Baltrusaitis et al. 2019, arXiv:1705.09406",
    Family::early,
    /*reads_raw=*/false,
    supports_all,
    "A learned vector stands for an absent modality.",
    "The first fusion to try: cheap, and given enough rows it finds what modalities tell together.",
    describe_config<VectorConfig>,
    make_from<Concat, VectorConfig>};

}  // namespace braid::fusion
