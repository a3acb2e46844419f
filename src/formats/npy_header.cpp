// An .npy header is a Python literal: a dict of a type, an order and a shape, after magic, version
// and length.
#include "formats/npy_header.h"

#include <algorithm>
#include <charconv>

#include "formats/bytes.h"

namespace braid::formats {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr uint64_t kMaxHeaderBytes = 1 << 20;
constexpr size_t kMaxAxes = 64;  // NumPy 2's own limit

// Reads {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } with keys in any order.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  NpyHeader read() {
    expect('{');
    for (;;) {
      if (take('}')) break;
      read_item();
      if (take(',')) continue;
      expect('}');
      break;
    }
    skip_space();
    if (at_ != text_.size()) wrong("the end of the header");
    if (!has_descr_ || !has_order_ || !has_shape_) wrong("the keys descr, fortran_order and shape");
    return std::move(header_);
  }

 private:
  void read_item() {
    const std::string_view key = quoted();
    expect(':');
    bool* seen = key == "descr"           ? &has_descr_
                 : key == "fortran_order" ? &has_order_
                 : key == "shape"         ? &has_shape_
                                          : nullptr;
    if (seen == nullptr || *seen) wrong("the keys descr, fortran_order and shape once each");
    *seen = true;
    if (seen == &has_descr_) read_descr();
    if (seen == &has_order_) read_order();
    if (seen == &has_shape_) read_shape();
  }

  void read_descr() {
    skip_space();
    BRAID_CHECK(at_ == text_.size() || text_[at_] != '[', format,
                "{}: dtype: expected one number type, got a structured array; save each of its "
                "fields in a file of its own",
                name_);
    header_.dtype = std::string(quoted());
  }

  void read_order() {
    skip_space();
    if (text_.substr(at_, 4) == "True") {
      header_.fortran_order = true;
      at_ += 4;
    } else if (text_.substr(at_, 5) == "False") {
      at_ += 5;
    } else {
      wrong("True or False");
    }
  }

  void read_shape() {
    expect('(');
    while (!take(')')) {
      skip_space();
      int64_t length = 0;
      const char* end = text_.data() + text_.size();
      const auto parsed = std::from_chars(text_.data() + at_, end, length);
      BRAID_CHECK(parsed.ec != std::errc::result_out_of_range, format,
                  "{}: shape: expected lengths that fit 64 bits, got a larger one", name_);
      if (parsed.ec != std::errc() || length < 0) wrong("a length");
      at_ = static_cast<size_t>(parsed.ptr - text_.data());
      if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // Python 2 wrote 3L
      header_.shape.push_back(length);
      BRAID_CHECK(header_.shape.size() <= kMaxAxes, format,
                  "{}: shape: expected at most {} axes, got more", name_, kMaxAxes);
      if (take(',')) continue;
      expect(')');
      break;
    }
  }

  std::string_view quoted() {
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') wrong("a quoted word");
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) wrong("a closing quote");
    const std::string_view word = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return word;
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t'))
      ++at_;
  }
  bool take(char c) {
    skip_space();
    const bool is_there = at_ < text_.size() && text_[at_] == c;
    at_ += is_there ? 1 : 0;
    return is_there;
  }
  void expect(char c) {
    if (!take(c)) wrong(fmt::format("'{}'", c));
  }
  [[noreturn]] void wrong(std::string_view expected) const {
    fail(ErrorKind::format,
         "{}: header, character {}: expected {}, got something else; is it an .npy file?", name_,
         at_, expected);
  }

  std::string_view text_;
  const std::string& name_;
  size_t at_ = 0;
  NpyHeader header_;
  bool has_descr_ = false, has_order_ = false, has_shape_ = false;
};

void check_dtype(const std::string& dtype, const std::string& name) {
  static const char* const kKnown[] = {"b1", "i1", "u1", "i2", "u2", "i4",
                                       "u4", "i8", "u8", "f2", "f4", "f8"};
  const std::string kind = dtype.size() > 1 ? dtype.substr(1) : "";
  BRAID_CHECK(
      kind.empty() || kind[0] != 'O', format,
      "{}: dtype: expected numbers, got pickled Python objects, which are never loaded; save "
      "it again after array.astype(\"float32\")",
      name);
  const bool is_known = std::find(std::begin(kKnown), std::end(kKnown), kind) != std::end(kKnown);
  BRAID_CHECK(!is_known || dtype[0] != '>' || kind[1] == '1', format,
              "{}: dtype: expected little-endian numbers, got big-endian '{}'; save it again after "
              "array.astype(\"<{}\")",
              name, dtype, kind);
  const bool is_order =
      !dtype.empty() && std::string_view("<|>=").find(dtype[0]) != std::string::npos;
  BRAID_CHECK(is_known && is_order, format,
              "{}: dtype: expected one of {}, got '{}'; save it again after "
              "array.astype(\"float32\")",
              name, fmt::join(kKnown, ", "), dtype);
}

}  // namespace

uint64_t npy_front_bytes(std::string_view bytes, const std::string& name) {
  ByteReader reader(bytes, name);
  BRAID_CHECK(bytes.substr(0, kMagic.size()) == kMagic.substr(0, bytes.size()), format,
              "{}: byte 0: expected an .npy file, which begins with \\x93NUMPY, got something else",
              name);
  reader.take(kMagic.size(), "magic");
  const auto major = reader.little_endian<uint8_t>("version");
  reader.take(1, "version");
  BRAID_CHECK(major >= 1 && major <= 3, format,
              "{}: byte 6: version: expected 1, 2 or 3, got {}; save it with numpy.save", name,
              major);
  const uint64_t length = major == 1 ? reader.little_endian<uint16_t>("header length")
                                     : reader.little_endian<uint32_t>("header length");
  BRAID_CHECK(length <= kMaxHeaderBytes, format,
              "{}: byte 8: header: expected at most {} bytes, got {}; is the file damaged?", name,
              kMaxHeaderBytes, length);
  return reader.offset() + length;
}

size_t npy_item_bytes(const NpyHeader& header) {
  return static_cast<size_t>(header.dtype[2] - '0');
}

uint64_t npy_data_bytes(const NpyHeader& header, const std::string& name) {
  // Lengths of 0 are left out of the overflow check's product: no consumer may meet an overflow in
  // a product of some of the axes either.
  uint64_t bytes = npy_item_bytes(header);
  bool is_empty = false;
  for (const int64_t length : header.shape) {
    is_empty = is_empty || length == 0;
    const bool fits = multiply(bytes, std::max<uint64_t>(1, static_cast<uint64_t>(length)), &bytes);
    BRAID_CHECK(fits && bytes <= uint64_t{INT64_MAX}, format,
                "{}: shape: expected a size that fits 63 bits, got [{}]", name,
                fmt::join(header.shape, ", "));
  }
  return is_empty ? 0 : bytes;
}

NpyHeader parse_npy_header(std::string_view bytes, const std::string& name) {
  const uint64_t front_bytes = npy_front_bytes(bytes, name);
  ByteReader reader(bytes, name);
  reader.take(bytes[kMagic.size()] == 1 ? 10 : 12, "version");
  const std::string_view text = reader.take(front_bytes - reader.offset(), "header");
  NpyHeader header = HeaderReader(text, name).read();
  header.data_offset = front_bytes;
  check_dtype(header.dtype, name);
  npy_data_bytes(header, name);
  return header;
}

}  // namespace braid::formats
