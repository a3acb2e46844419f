#include "dicom_samples.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpeg/djrploss.h>
#include <dcmtk/dcmjpls/djencode.h>

#include <stdexcept>

#include "core/file.h"
#include "formats/dcmtk_stream.h"

namespace braid::testing {
namespace {

void check(const OFCondition& done) {
  if (done.bad()) throw std::runtime_error(done.text());
}

void put(DcmItem* item, const DcmTagKey& tag, const std::string& value) {
  if (!value.empty()) check(item->putAndInsertString(tag, value.c_str()));
}

void put(DcmItem* item, const DcmTagKey& tag, int value) {
  check(item->putAndInsertUint16(tag, static_cast<Uint16>(value)));
}

void put_pixels(DcmDataset* dataset, const DicomSpec& spec) {
  if (spec.bits == 8) {
    std::vector<Uint8> bytes(spec.pixels.begin(), spec.pixels.end());
    check(dataset->putAndInsertUint8Array(DCM_PixelData, bytes.data(), bytes.size()));
  } else {
    std::vector<Uint16> words(spec.pixels.begin(), spec.pixels.end());
    check(dataset->putAndInsertUint16Array(DCM_PixelData, words.data(), words.size()));
  }
}

void register_encoders() {
  DcmRLEEncoderRegistration::registerCodecs();
  DJEncoderRegistration::registerCodecs();
  DJLSEncoderRegistration::registerCodecs();
}

E_TransferSyntax syntax_of(const std::string& name) {
  if (name == "big_endian") return EXS_BigEndianExplicit;
  if (name == "implicit") return EXS_LittleEndianImplicit;
  if (name == "rle") return EXS_RLELossless;
  if (name == "jpeg") return EXS_JPEGProcess1;
  if (name == "jpeg_lossless") return EXS_JPEGProcess14SV1;
  if (name == "jpeg_ls") return EXS_JPEGLSLossless;
  if (name == "deflated") return EXS_DeflatedLittleEndianExplicit;
  return EXS_LittleEndianExplicit;
}

std::string saved(DcmFileFormat* format, E_TransferSyntax syntax) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.dcm";
  check(format->saveFile(path.c_str(), syntax));
  return read_file(path);
}

}  // namespace

std::string dicom_bytes(const DicomSpec& spec) {
  const formats::QuietDcmtk quiet;
  register_encoders();
  DcmFileFormat format;
  DcmDataset* dataset = format.getDataset();
  put(dataset, DCM_SOPClassUID, UID_SecondaryCaptureImageStorage);
  put(dataset, DCM_SOPInstanceUID, "1.2.3.4");
  put(dataset, DCM_SeriesInstanceUID, spec.series);
  put(dataset, DCM_Rows, spec.height);
  put(dataset, DCM_Columns, spec.width);
  put(dataset, DCM_SamplesPerPixel, spec.samples);
  if (spec.samples > 1) put(dataset, DCM_PlanarConfiguration, 0);
  put(dataset, DCM_PhotometricInterpretation, spec.colours);
  put(dataset, DCM_BitsAllocated, spec.bits);
  put(dataset, DCM_BitsStored, spec.stored_bits);
  put(dataset, DCM_HighBit, spec.stored_bits - 1);
  put(dataset, DCM_PixelRepresentation, spec.is_signed ? 1 : 0);
  put(dataset, DCM_ImagePositionPatient, spec.position);
  put(dataset, DCM_ImageOrientationPatient, spec.orientation);
  put(dataset, DCM_PixelSpacing, spec.spacing);
  put(dataset, DCM_RescaleSlope, spec.slope);
  put(dataset, DCM_RescaleIntercept, spec.intercept);
  put(dataset, DCM_SpacingBetweenSlices, spec.slice_spacing);
  put(dataset, DCM_SliceThickness, spec.thickness);
  if (spec.frames > 1) put(dataset, DCM_NumberOfFrames, std::to_string(spec.frames));
  for (size_t i = 0; i < spec.frame_positions.size(); ++i) {
    DcmItem *frame = nullptr, *place = nullptr;
    check(dataset->findOrCreateSequenceItem(DCM_PerFrameFunctionalGroupsSequence, frame,
                                            static_cast<long>(i)));
    check(frame->findOrCreateSequenceItem(DCM_PlanePositionSequence, place, 0));
    put(place, DCM_ImagePositionPatient, spec.frame_positions[i]);
  }
  put_pixels(dataset, spec);
  const E_TransferSyntax syntax = syntax_of(spec.syntax);
  const DJ_RPLossless lossless;
  const DJ_RPLossy lossy(100);
  const bool is_lossless = spec.syntax == "jpeg_lossless";
  const bool is_lossy = spec.syntax == "jpeg";
  const DcmRepresentationParameter* parameter = nullptr;
  if (is_lossless) parameter = &lossless;
  if (is_lossy) parameter = &lossy;
  check(dataset->chooseRepresentation(syntax, parameter));
  return saved(&format, syntax);
}

std::string dicom_report_bytes() {
  DcmFileFormat format;
  put(format.getDataset(), DCM_SOPClassUID, UID_BasicTextSRStorage);
  put(format.getDataset(), DCM_SOPInstanceUID, "1.2.3.5");
  put(format.getDataset(), DCM_SeriesInstanceUID, "1.2.9");
  return saved(&format, EXS_LittleEndianExplicit);
}

std::string nested_dicom_bytes(int depth) {
  // Explicit little endian: sequences and items of undefined length, never closed.
  const std::string sequence("\x08\x00\x15\x11SQ\x00\x00\xFF\xFF\xFF\xFF", 12);
  const std::string item("\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF", 8);
  std::string bytes = dicom_report_bytes();
  for (int i = 0; i < depth; ++i) bytes += sequence + item;
  return bytes;
}

}  // namespace braid::testing
