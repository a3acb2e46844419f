#include "formats/volume.h"

#include <cmath>
#include <filesystem>
#include <limits>

#include "core/error.h"
#include "core/file.h"
#include "formats/dicom.h"
#include "formats/nifti.h"
#include "formats/npy.h"
#include "formats/volume_grid.h"

namespace braid::formats {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

Volume volume_of_npy(std::string_view bytes, const std::string& name, const VolumeLimits& limits) {
  const NpyHeader header = parse_npy_header(bytes, name);
  BRAID_CHECK(header.shape.size() == 3, format,
              "{}: expected an array (slices, rows, columns), got {} axes", name,
              header.shape.size());
  const std::array<int64_t, 3> size = {header.shape[0], header.shape[1], header.shape[2]};
  checked_voxels(size, limits, name);
  const NpyArray array = parse_npy(bytes, name);
  Volume volume;
  volume.depth = size[0];
  volume.height = size[1];
  volume.width = size[2];
  volume.values.reserve(array.values.size());
  for (const double value : array.values) volume.values.push_back(to_float(value));
  make_finite(&volume.values, name);
  return volume;
}

}  // namespace

Volume read_volume(const std::string& path, const VolumeLimits& limits) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) return read_dicom_folder(path, limits);
  std::string lower = path;
  for (char& letter : lower)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  const bool is_nifti = ends_with(lower, ".nii") || ends_with(lower, ".nii.gz");
  const bool is_dicom = ends_with(lower, ".dcm"), is_npy = ends_with(lower, ".npy");
  const bool is_pair = ends_with(lower, ".hdr") || ends_with(lower, ".img");
  BRAID_CHECK(
      !is_pair, format,
      "{}: expected a single file, got one half of a pair (.hdr and .img); save both as one "
      ".nii",
      path);
  BRAID_CHECK(is_nifti || is_dicom || is_npy, format,
              "{}: expected a volume (.nii, .nii.gz, .dcm, .npy, or a folder with a DICOM series), "
              "got another name",
              path);
  const std::string bytes = read_volume_file(path, limits);
  if (is_nifti) return parse_nifti(bytes, path, limits);
  return is_dicom ? parse_dicom(bytes, path, limits) : volume_of_npy(bytes, path, limits);
}

}  // namespace braid::formats
