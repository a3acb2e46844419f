// Volumes out of DICOM files: a folder's one series, or the frames of one file.
#pragma once
#include <string>
#include <string_view>

#include "formats/volume.h"

namespace braid::formats {

/// The series in a folder, subfolders left out. Files that are no DICOM, hidden ones and those
/// without pictures (DICOMDIR, reports) are passed over; one named .dcm has to be DICOM.
///
/// Errors   as read_volume.
/// Cost     every file is read twice: for its place, then for its pixels.
Volume read_dicom_folder(const std::string& path, const VolumeLimits& limits = {});

/// One file: a slice as it lies, or its frames, turned as a series is.
Volume parse_dicom(std::string_view bytes, const std::string& name,
                   const VolumeLimits& limits = {});

}  // namespace braid::formats
