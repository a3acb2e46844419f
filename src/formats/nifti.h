// NIfTI-1 and NIfTI-2 in one file, as it is or gzip-compressed.
#pragma once
#include <string>
#include <string_view>

#include "formats/volume.h"

namespace braid::formats {

/// Either byte order; integers of 8 to 64 bits and floats of 32 and 64. Orientation comes from the
/// sform, else from the qform; a file with neither is taken as if its axes ran to the right, the
/// front and the head. `name` opens every message.
///
/// Errors   format: truncated, damaged, another format (Analyze 7.5, one half of a pair), several
///          volumes, complex numbers, colours, an orientation or spacing that is none, beyond a
///          limit.
/// Cost     the file's bytes, the decompressed ones and one or two arrays of floats.
Volume parse_nifti(std::string_view bytes, const std::string& name,
                   const VolumeLimits& limits = {});

}  // namespace braid::formats
