#include "formats/dicom_file.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dccodec.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "formats/dcmtk_stream.h"
#include "formats/dicom_fragment.h"

namespace braid::formats {
namespace {

constexpr int64_t kMostFrames = 1 << 16;

/// Text of a file as part of a message: short, one line.
std::string shown(std::string_view text) {
  std::string kept;
  for (const char letter : text.substr(0, 64))
    kept += letter >= ' ' && letter <= '~' ? letter : '?';
  return kept;
}

/// How a stored number is to be read.
struct Stored {
  int allocated = 0, bits = 0, high = 0;
  bool is_signed = false, is_inverted = false;
};

/// Reads the dataset's attributes, each message opened by the file's name.
class Attributes {
 public:
  Attributes(DcmItem* dataset, const std::string& name) : dataset_(dataset), name_(name) {}

  std::string text(const DcmTagKey& tag) const {
    OFString value;
    if (dataset_->findAndGetOFString(tag, value).bad()) return "";
    std::string kept(value.c_str(), value.length());
    while (!kept.empty() && (kept.back() == ' ' || kept.back() == '\0')) kept.pop_back();
    return kept;
  }

  int number(const DcmTagKey& tag, const char* what) const {
    Uint16 value = 0;
    BRAID_CHECK(dataset_->findAndGetUint16(tag, value).good(), format,
                "{}: {}: expected a number, got none; is the file complete?", name_, what);
    return value;
  }

  int number_or(const DcmTagKey& tag, int otherwise) const {
    Uint16 value = 0;
    return dataset_->findAndGetUint16(tag, value).good() ? value : otherwise;
  }

  int64_t num_frames() const {
    const std::string value = text(DCM_NumberOfFrames);
    if (value.empty()) return 1;
    int64_t count = 0;
    const char* begin = value.data() + std::min(value.find_first_not_of(" +"), value.size());
    const auto [end, error] = std::from_chars(begin, value.data() + value.size(), count);
    BRAID_CHECK(error == std::errc() && end == value.data() + value.size() && count >= 1 &&
                    count <= kMostFrames,
                format, "{}: NumberOfFrames: expected 1 to {}, got '{}'", name_, kMostFrames,
                shown(value));
    return count;
  }

 private:
  DcmItem* dataset_;
  const std::string& name_;
};

/// Finds what is said of one frame: in its functional groups, in those all frames share, or in the
/// dataset itself.
class FrameAttributes {
 public:
  FrameAttributes(DcmItem* dataset, int64_t frame, const std::string& name)
      : dataset_(dataset), name_(name) {
    dataset->findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, shared_, 0);
    dataset->findAndGetSequenceItem(DCM_PerFrameFunctionalGroupsSequence, own_,
                                    static_cast<long>(frame));
  }

  /// `count` numbers of `tag`; false where the file does not say.
  bool read(const DcmTagKey& group, const DcmTagKey& tag, const char* what, size_t count,
            double* values) const {
    DcmItem* item = item_of(group);
    DcmElement* element = nullptr;
    if ((item == nullptr || item->findAndGetElement(tag, element).bad()) &&
        dataset_->findAndGetElement(tag, element).bad())
      return false;
    if (element == nullptr || element->getLength() == 0) return false;
    for (size_t i = 0; i < count; ++i) {
      Float64 value = 0;
      const bool is_there = element->getFloat64(value, i).good() && std::isfinite(value);
      BRAID_CHECK(is_there, format, "{}: {}: expected {} numbers, got fewer or another text", name_,
                  what, count);
      values[i] = value;
    }
    return true;
  }

 private:
  DcmItem* item_of(const DcmTagKey& group) const {
    for (DcmItem* groups : {own_, shared_}) {
      DcmItem* item = nullptr;
      if (groups != nullptr && groups->findAndGetSequenceItem(group, item, 0).good() && item)
        return item;
    }
    return nullptr;
  }

  DcmItem* dataset_;
  const std::string& name_;
  DcmItem* shared_ = nullptr;
  DcmItem* own_ = nullptr;
};

Vector3 unit(const double* parts, const std::string& name) {
  Vector3 vector = {parts[0], parts[1], parts[2]};
  const double norm = length(vector);
  BRAID_CHECK(norm > 0.9 && norm < 1.1, format,
              "{}: ImageOrientationPatient: expected directions of length 1, got one of {:.4g}",
              name, norm);
  for (double& part : vector) part /= norm;
  return vector;
}

/// Frame number `i`, and whether the file says where it lies.
bool read_frame(DcmItem* dataset, int64_t i, const DicomFile& file, const std::string& name,
                DicomFrame* frame) {
  const FrameAttributes attributes(dataset, i, name);
  double orientation[6], spacing[2];
  if (attributes.read(DCM_PlaneOrientationSequence, DCM_ImageOrientationPatient,
                      "ImageOrientationPatient", 6, orientation)) {
    frame->along_row = unit(orientation, name);
    frame->along_column = unit(orientation + 3, name);
    const double cosine = dot(frame->along_row, frame->along_column);
    BRAID_CHECK(std::abs(cosine) < 0.01, format,
                "{}: ImageOrientationPatient: expected rows at right angles to columns, got a "
                "cosine of {:.4g}",
                name, cosine);
  }
  if (attributes.read(DCM_PixelMeasuresSequence, DCM_PixelSpacing, "PixelSpacing", 2, spacing) ||
      attributes.read(DCM_PixelMeasuresSequence, DCM_ImagerPixelSpacing, "ImagerPixelSpacing", 2,
                      spacing)) {
    frame->row_spacing_mm = spacing[0];
    frame->column_spacing_mm = spacing[1];
  }
  attributes.read(DCM_PixelValueTransformationSequence, DCM_RescaleSlope, "RescaleSlope", 1,
                  &frame->slope);
  attributes.read(DCM_PixelValueTransformationSequence, DCM_RescaleIntercept, "RescaleIntercept", 1,
                  &frame->intercept);
  return attributes.read(DCM_PlanePositionSequence, DCM_ImagePositionPatient,
                         "ImagePositionPatient", 3, frame->position.data());
}

/// Frames of older files share one position; they follow each other along the normal.
void spread_frames(DcmItem* dataset, const std::string& name, DicomFile* file) {
  const FrameAttributes attributes(dataset, 0, name);
  const size_t count = file->frames.size();
  std::vector<double> offsets(count);
  const bool is_listed = attributes.read(DCM_PixelMeasuresSequence, DCM_GridFrameOffsetVector,
                                         "GridFrameOffsetVector", count, offsets.data());
  const Vector3 normal = cross(file->frames[0].along_row, file->frames[0].along_column);
  for (size_t i = 0; i < count; ++i) {
    const double offset =
        is_listed ? offsets[i] - offsets[0] : static_cast<double>(i) * file->slice_spacing_mm;
    file->frames[i].position = file->frames[0].position;
    for (int axis = 0; axis < 3; ++axis) file->frames[i].position[axis] += offset * normal[axis];
  }
}

void read_frames(DcmItem* dataset, int64_t num_frames, const std::string& name, DicomFile* file) {
  file->has_positions = true;
  for (int64_t i = 0; i < num_frames; ++i) {
    DicomFrame frame;
    if (!read_frame(dataset, i, *file, name, &frame)) file->has_positions = false;
    file->frames.push_back(frame);
  }
  const FrameAttributes attributes(dataset, 0, name);
  if (!attributes.read(DCM_PixelMeasuresSequence, DCM_SpacingBetweenSlices, "SpacingBetweenSlices",
                       1, &file->slice_spacing_mm) ||
      file->slice_spacing_mm == 0)
    attributes.read(DCM_PixelMeasuresSequence, DCM_SliceThickness, "SliceThickness", 1,
                    &file->slice_spacing_mm);
  file->slice_spacing_mm = std::abs(file->slice_spacing_mm);  // some scanners sign the direction
  if (file->slice_spacing_mm == 0) file->slice_spacing_mm = 1;
  DcmItem* groups = nullptr;
  dataset->findAndGetSequenceItem(DCM_PerFrameFunctionalGroupsSequence, groups, 0);
  if (num_frames > 1 && groups == nullptr) spread_frames(dataset, name, file);
}

Stored stored_of(const Attributes& attributes, DcmItem* dataset, const std::string& name) {
  const std::string colours = attributes.text(DCM_PhotometricInterpretation);
  const int samples = attributes.number_or(DCM_SamplesPerPixel, 1);
  BRAID_CHECK(samples == 1 && (colours == "MONOCHROME1" || colours == "MONOCHROME2"), format,
              "{}: expected a grey picture (MONOCHROME1 or MONOCHROME2), got {} samples of '{}'; "
              "convert it",
              name, samples, shown(colours));
  Stored stored;
  stored.allocated = attributes.number(DCM_BitsAllocated, "BitsAllocated");
  BRAID_CHECK(stored.allocated == 8 || stored.allocated == 16, format,
              "{}: BitsAllocated: expected 8 or 16, got {}; convert it", name, stored.allocated);
  stored.bits = attributes.number_or(DCM_BitsStored, stored.allocated);
  stored.high = attributes.number_or(DCM_HighBit, stored.bits - 1);
  BRAID_CHECK(stored.bits >= 1 && stored.high < stored.allocated && stored.high + 1 >= stored.bits,
              format, "{}: expected stored bits within the {} allocated, got {} below bit {}", name,
              stored.allocated, stored.bits, stored.high + 1);
  stored.is_signed = attributes.number_or(DCM_PixelRepresentation, 0) == 1;
  stored.is_inverted = colours == "MONOCHROME1";
  BRAID_CHECK(!dataset->tagExists(DCM_ModalityLUTSequence), format,
              "{}: expected RescaleSlope and RescaleIntercept, got a table of values "
              "(ModalityLUTSequence), which is not read; convert it",
              name);
  return stored;
}

/// The syntaxes that DCMTK decodes as JPEG or JPEG-LS; it has no decoder for the others, and says
/// so.
bool is_jpeg(E_TransferSyntax syntax) {
  return (syntax >= EXS_JPEGProcess1 && syntax <= EXS_JPEGProcess14SV1) ||
         syntax == EXS_JPEGLSLossless || syntax == EXS_JPEGLSLossy;
}

template <class T>
void rescale(const char* pixels, const Stored& stored, const DicomFrame& frame, size_t count,
             float* values) {
  const int shift = stored.high + 1 - stored.bits;
  const int32_t mask = (int32_t{1} << stored.bits) - 1;
  const int32_t sign = stored.is_signed ? int32_t{1} << (stored.bits - 1) : 0;
  for (size_t i = 0; i < count; ++i) {
    T pixel;
    std::memcpy(&pixel, pixels + i * sizeof(T), sizeof(T));
    int32_t value = static_cast<int32_t>(pixel) >> shift & mask;
    value = (value ^ sign) - sign;
    if (stored.is_inverted) value = stored.is_signed ? -1 - value : mask - value;
    values[i] = to_float(value * frame.slope + frame.intercept);
  }
}

/// The compressed pieces of a picture; each frame begins with a piece of its own.
std::vector<std::string_view> frame_starts(DcmPixelData* pixels, size_t num_frames,
                                           const std::string& name) {
  E_TransferSyntax syntax = EXS_Unknown;
  const DcmRepresentationParameter* parameter = nullptr;
  pixels->getOriginalRepresentationKey(syntax, parameter);
  DcmPixelSequence* sequence = nullptr;
  const bool is_there =
      pixels->getEncapsulatedRepresentation(syntax, parameter, sequence).good() && sequence;
  const size_t num_pieces = is_there && sequence->card() > 0 ? sequence->card() - 1 : 0;
  // The first piece is a table of places, which nothing here needs.
  BRAID_CHECK(num_pieces == num_frames || (num_frames == 1 && num_pieces > 0), format,
              "{}: PixelData: expected a compressed piece for each of {} frames, got {}; is the "
              "file complete?",
              name, num_frames, num_pieces);
  std::vector<std::string_view> starts;
  for (size_t i = 0; i < num_frames; ++i) {
    DcmPixelItem* item = nullptr;
    Uint8* bytes = nullptr;
    const bool is_read = sequence->getItem(item, static_cast<unsigned long>(i + 1)).good() &&
                         item != nullptr && item->getUint8Array(bytes).good() && bytes != nullptr;
    BRAID_CHECK(is_read, format, "{}: PixelData: expected compressed bytes, got none", name);
    starts.emplace_back(reinterpret_cast<const char*>(bytes), item->getLength());
  }
  return starts;
}

/// Rescales a frame's numbers, of `item_bytes` each, into its place.
void rescale_frame(const char* pixels, size_t item_bytes, const Stored& stored, size_t frame,
                   DicomFile* file) {
  const size_t count = static_cast<size_t>(file->height * file->width);
  float* values = file->values.data() + frame * count;
  if (item_bytes == 1)
    rescale<uint8_t>(pixels, stored, file->frames[frame], count, values);
  else
    rescale<uint16_t>(pixels, stored, file->frames[frame], count, values);
}

void decode_frames(DcmDataset* dataset, const Stored& stored, const std::string& name,
                   DicomFile* file) {
  DcmElement* element = nullptr;
  dataset->findAndGetElement(DCM_PixelData, element);
  auto* pixels = dynamic_cast<DcmPixelData*>(element);
  BRAID_CHECK(pixels != nullptr, format,
              "{}: PixelData: expected the picture's numbers, got none; is the file complete?",
              name);
  const size_t count = static_cast<size_t>(file->height * file->width);
  const size_t num_frames = file->frames.size();
  const size_t allocated_bytes = static_cast<size_t>(stored.allocated / 8);
  const DcmXfer transfer(dataset->getOriginalXfer());
  std::vector<std::string_view> starts;
  if (transfer.isEncapsulated()) {
    BRAID_CHECK(transfer.getXfer() == EXS_RLELossless ||
                    DcmCodecList::canChangeCoding(transfer.getXfer(), EXS_LittleEndianExplicit),
                format,
                "{}: expected pixels that are not compressed, or by JPEG, JPEG-LS or RLE, got {}; "
                "convert it",
                name, transfer.getXferName());
    starts = frame_starts(pixels, num_frames, name);
  } else {
    const uint64_t expected = count * allocated_bytes * num_frames;
    BRAID_CHECK(pixels->getLength() >= expected, format,
                "{}: PixelData: expected {} bytes, got {}; is the file complete?", name, expected,
                pixels->getLength());
  }
  file->values.resize(count * num_frames);
  std::string buffer;
  Uint32 fragment = 0;
  for (size_t i = 0; i < num_frames; ++i) {
    if (transfer.getXfer() == EXS_RLELossless) {
      buffer = decode_dicom_rle(starts[i], count, allocated_bytes, name);
      rescale_frame(buffer.data(), allocated_bytes, stored, i, file);
      continue;
    }
    size_t item_bytes = allocated_bytes;
    if (is_jpeg(transfer.getXfer())) {
      item_bytes = checked_jpeg_bits(starts[i], file->height, file->width, name) > 8 ? 2 : 1;
      BRAID_CHECK(item_bytes <= allocated_bytes, format,
                  "{}: JPEG: expected at most {} bits, got more", name, stored.allocated);
    }
    buffer.resize((count * item_bytes + 1) / 2 * 2);  // DCMTK fills whole 16-bit words
    OFString model;
    const OFCondition done =
        pixels->getUncompressedFrame(dataset, static_cast<Uint32>(i), fragment, buffer.data(),
                                     static_cast<Uint32>(buffer.size()), model);
    BRAID_CHECK(done.good(), format, "{}: frame {}: {}: expected a picture, got: {}", name, i + 1,
                transfer.getXferName(), shown(done.text()));
    rescale_frame(buffer.data(), item_bytes, stored, i, file);
  }
}

}  // namespace

DicomFile parse_dicom_file(std::string_view bytes, const std::string& name, bool with_pixels,
                           const VolumeLimits& limits) {
  BRAID_CHECK(is_dicom(bytes), format,
              "{}: expected a DICOM file with the letters DICM at byte 128, got another or an "
              "incomplete one",
              name);
  const QuietDcmtk quiet;
  register_dcmtk_decoders();
  MemoryStream stream(bytes);
  DcmFileFormat format;
  format.transferInit();
  OFCondition done =
      format.readUntilTag(stream, EXS_Unknown, EGL_noChange, kLoadedBytes,
                          with_pixels ? DCM_UndefinedTagKey : DcmTagKey(DCM_PixelData));
  format.transferEnd();
  BRAID_CHECK(done != EC_UnsupportedEncoding, format,
              "{}: expected a file that is not deflated as a whole, got one; convert it", name);
  BRAID_CHECK(done.good(), format,
              "{}: byte {}: expected DICOM elements, got: {}; is the file complete?", name,
              stream.tell(), shown(done.text()));
  DcmDataset* dataset = format.getDataset();
  const Attributes attributes(dataset, name);
  DicomFile file;
  file.series = shown(attributes.text(DCM_SeriesInstanceUID));
  file.has_pictures = dataset->tagExists(DCM_Rows) && dataset->tagExists(DCM_Columns);
  if (!file.has_pictures) return file;
  file.height = attributes.number(DCM_Rows, "Rows");
  file.width = attributes.number(DCM_Columns, "Columns");
  const int64_t num_frames = attributes.num_frames();
  checked_voxels({file.width, file.height, num_frames}, limits, name);
  const Stored stored = stored_of(attributes, dataset, name);
  read_frames(dataset, num_frames, name, &file);
  if (with_pixels) decode_frames(dataset, stored, name, &file);
  return file;
}

bool has_dcmtk() { return true; }

}  // namespace braid::formats
