// What stands in for the reader of DICOM files in a build without DCMTK.
#include "core/error.h"
#include "formats/dicom_file.h"

namespace braid::formats {

DicomFile parse_dicom_file(std::string_view, const std::string& name, bool, const VolumeLimits&) {
  fail(ErrorKind::usage,
       "{}: Braid was built without DCMTK and cannot read DICOM; install libdcmtk-dev and build "
       "again, or save the volume as NIfTI",
       name);
}

bool has_dcmtk() { return false; }

}  // namespace braid::formats
