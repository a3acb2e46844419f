#include "formats/dicom.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include "core/error.h"
#include "core/file.h"
#include "formats/dicom_file.h"
#include "formats/dicom_fragment.h"

namespace braid::formats {
namespace {

/// A frame of one of the files, and how far it lies along the normal.
struct Slice {
  const std::string* name;  // of its file
  size_t file = 0;
  size_t frame = 0;
  double place_mm = 0;
};

struct NamedFile {
  std::string name;
  DicomFile file;
};

Vector3 normal_of(const DicomFrame& frame) { return cross(frame.along_row, frame.along_column); }

/// How the first frame lies is how all have to lie.
void check_alike(const NamedFile& first, const NamedFile& other) {
  const DicomFile &a = first.file, &b = other.file;
  BRAID_CHECK(a.height == b.height && a.width == b.width, format,
              "{}: expected a slice of {} x {} as in {}, got {} x {}; give each series a folder of "
              "its own",
              other.name, a.height, a.width, first.name, b.height, b.width);
  const DicomFrame& x = a.frames[0];
  for (const DicomFrame& y : b.frames) {
    const auto is_near = [](double p, double q) { return std::abs(p - q) <= 1e-3 * std::abs(p); };
    BRAID_CHECK(is_near(x.row_spacing_mm, y.row_spacing_mm) &&
                    is_near(x.column_spacing_mm, y.column_spacing_mm),
                format, "{}: expected pixels {} x {} mm apart as in {}, got {} x {}", other.name,
                x.row_spacing_mm, x.column_spacing_mm, first.name, y.row_spacing_mm,
                y.column_spacing_mm);
    constexpr double kParallel = 0.999;  // 2.6 degrees
    BRAID_CHECK(dot(x.along_row, y.along_row) > kParallel &&
                    dot(x.along_column, y.along_column) > kParallel,
                format,
                "{}: expected a slice that lies as those in {}, got another direction; leave "
                "scouts and other planes out of the folder",
                other.name, first.name);
  }
}

std::string where(const Slice& slice) {
  return slice.frame == 0 ? *slice.name : fmt::format("{} frame {}", *slice.name, slice.frame + 1);
}

/// The step between neighbours, which all have to keep within 1 %.
double checked_step(const std::vector<Slice>& slices, const std::string& name) {
  std::vector<double> steps;
  for (size_t i = 1; i < slices.size(); ++i)
    steps.push_back(slices[i].place_mm - slices[i - 1].place_mm);
  const double mean = (slices.back().place_mm - slices.front().place_mm) / steps.size();
  const auto fewest = std::min_element(steps.begin(), steps.end());
  const size_t at = static_cast<size_t>(fewest - steps.begin());
  BRAID_CHECK(*fewest > 0.01 * mean, format,
              "{}: expected one slice at each place, got two at {:.6g} mm: {} and {}; keep one of "
              "each pair",
              name, slices[at].place_mm, where(slices[at]), where(slices[at + 1]));
  std::vector<double> sorted = steps;
  std::nth_element(sorted.begin(), sorted.begin() + sorted.size() / 2, sorted.end());
  const double usual = sorted[sorted.size() / 2];
  for (size_t i = 0; i < steps.size(); ++i)
    BRAID_CHECK(std::abs(steps[i] - usual) <= 0.01 * usual, format,
                "{}: expected slices {:.6g} mm apart, got {:.6g} mm between {} and {}; is a slice "
                "missing?",
                name, usual, steps[i], where(slices[i]), where(slices[i + 1]));
  return mean;
}

std::vector<Slice> slices_of(const std::vector<NamedFile>& files) {
  const Vector3 normal = normal_of(files[0].file.frames[0]);
  std::vector<Slice> slices;
  for (size_t i = 0; i < files.size(); ++i)
    for (size_t j = 0; j < files[i].file.frames.size(); ++j)
      slices.push_back({&files[i].name, i, j, dot(files[i].file.frames[j].position, normal)});
  std::stable_sort(slices.begin(), slices.end(),
                   [](const Slice& a, const Slice& b) { return a.place_mm < b.place_mm; });
  return slices;
}

VoxelGrid grid_of(const std::vector<NamedFile>& files, const std::vector<Slice>& slices,
                  const std::string& name) {
  const DicomFile& file = files[0].file;
  const DicomFrame& frame = file.frames[0];
  VoxelGrid grid;
  grid.size = {file.width, file.height, static_cast<int64_t>(slices.size())};
  grid.spacing_mm = {frame.column_spacing_mm, frame.row_spacing_mm, file.slice_spacing_mm};
  if (slices.size() > 1) {
    grid.spacing_mm[2] = checked_step(slices, name);
    grid.directions = {frame.along_row, frame.along_column, normal_of(frame)};
  }
  // From LPS+ to RAS+. A slice alone keeps its rows and columns: LPS+'s own axes turn nothing.
  for (Vector3& direction : grid.directions) {
    direction[0] = -direction[0];
    direction[1] = -direction[1];
  }
  return grid;
}

using Values = std::vector<float>;

/// `frame` of `file` becomes slice `k`.
void place(const DicomFile& file, size_t frame, size_t k, Values* values) {
  const size_t count = static_cast<size_t>(file.height * file.width);
  std::copy_n(file.values.begin() + static_cast<std::ptrdiff_t>(frame * count), count,
              values->begin() + static_cast<std::ptrdiff_t>(k * count));
}

void check_one_series(const std::vector<NamedFile>& files, const std::string& path) {
  std::map<std::string, int64_t> counts;
  for (const NamedFile& file : files) ++counts[file.file.series];
  if (counts.size() == 1) return;
  constexpr size_t kMostNamed = 6;
  std::vector<std::string> named;
  for (const auto& [series, count] : counts) {
    if (named.size() == kMostNamed) {
      named.push_back("...");
      break;
    }
    named.push_back(fmt::format("{} ({} {})",
                                series.empty() ? "without a SeriesInstanceUID" : series, count,
                                count == 1 ? "file" : "files"));
  }
  fail(ErrorKind::format,
       "{}: expected one DICOM series, got {}: {}; give each series a folder of its own", path,
       counts.size(), fmt::join(named, ", "));
}

/// As many bytes as tell a DICOM file; none where it cannot be read.
std::string front_of(const std::string& name) {
  std::string front(132, '\0');
  std::ifstream file(name, std::ios::binary);
  file.read(front.data(), static_cast<std::streamsize>(front.size()));
  front.resize(static_cast<size_t>(file.gcount()));
  return front;
}

/// The folder's DICOM files with pictures, in the order of their names.
std::vector<NamedFile> files_of(const std::string& path, const VolumeLimits& limits) {
  std::vector<std::string> names;
  std::error_code code;
  for (std::filesystem::directory_iterator item(path, code), end; !code && item != end;
       item.increment(code)) {
    std::error_code is_no_file;
    if (item->is_regular_file(is_no_file) && item->path().filename().string()[0] != '.')
      names.push_back(item->path().string());
  }
  BRAID_CHECK(!code, io, "{}: cannot read the folder: {}", path, code.message());
  std::sort(names.begin(), names.end());
  std::vector<NamedFile> files;
  uint64_t num_bytes = 0;
  for (const std::string& name : names) {
    const bool is_named_so = std::filesystem::path(name).extension() == ".dcm";
    if (!is_named_so && !is_dicom(front_of(name))) continue;
    const std::string bytes = read_volume_file(name, limits);
    num_bytes += bytes.size();
    BRAID_CHECK(num_bytes <= limits.max_bytes, format,
                "{}: expected files of at most {} bytes together, got more", path,
                limits.max_bytes);
    DicomFile file = parse_dicom_file(bytes, name, /*with_pixels=*/false, limits);
    if (file.has_pictures) files.push_back({name, std::move(file)});
  }
  BRAID_CHECK(!files.empty(), format,
              "{}: expected a folder with the files of a DICOM series, got none with a picture in "
              "it",
              path);
  return files;
}

}  // namespace

Volume parse_dicom(std::string_view bytes, const std::string& name, const VolumeLimits& limits) {
  std::vector<NamedFile> files;
  files.push_back({name, parse_dicom_file(bytes, name, /*with_pixels=*/true, limits)});
  const DicomFile& file = files[0].file;
  BRAID_CHECK(
      file.has_pictures, format,
      "{}: expected a DICOM file with a picture, got one without (Rows, Columns, PixelData)", name);
  check_alike(files[0], files[0]);
  const std::vector<Slice> slices = slices_of(files);
  const VoxelGrid grid = grid_of(files, slices, name);
  Values values(file.values.size());
  for (size_t k = 0; k < slices.size(); ++k) place(file, slices[k].frame, k, &values);
  make_finite(&values, name);
  return turned(grid, std::move(values), name);
}

Volume read_dicom_folder(const std::string& path, const VolumeLimits& limits) {
  const std::vector<NamedFile> files = files_of(path, limits);
  check_one_series(files, path);
  for (const NamedFile& file : files) {
    check_alike(files[0], file);
    BRAID_CHECK(files.size() == 1 || file.file.has_positions, format,
                "{}: expected its place (ImagePositionPatient), got none; slices without places "
                "have no order",
                file.name);
  }
  const std::vector<Slice> slices = slices_of(files);
  const VoxelGrid grid = grid_of(files, slices, path);
  Values values(checked_voxels(grid.size, limits, path));
  std::vector<std::vector<size_t>> ranks(files.size());  // of each file's frames
  for (size_t i = 0; i < files.size(); ++i) ranks[i].resize(files[i].file.frames.size());
  for (size_t k = 0; k < slices.size(); ++k) ranks[slices[k].file][slices[k].frame] = k;
  for (size_t i = 0; i < files.size(); ++i) {
    const std::string& name = files[i].name;
    const DicomFile file =
        parse_dicom_file(read_volume_file(name, limits), name, /*with_pixels=*/true, limits);
    BRAID_CHECK(file.has_pictures && file.frames.size() == ranks[i].size() &&
                    file.height == grid.size[1] && file.width == grid.size[0],
                io, "{}: expected the file to stay as it is, got another while it was read", name);
    for (size_t frame = 0; frame < ranks[i].size(); ++frame)
      place(file, frame, ranks[i][frame], &values);
  }
  make_finite(&values, path);
  return turned(grid, std::move(values), path);
}

}  // namespace braid::formats
