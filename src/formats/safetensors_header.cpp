#include "formats/safetensors_header.h"

#include <algorithm>
#include <set>

#include "formats/bytes.h"
#include "formats/json_object.h"

namespace braid::formats {
namespace {

constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the limit of the format's own library
constexpr const char* kMetadata = "__metadata__";

struct Entry {
  TensorView tensor;  // without its bytes
  uint64_t begin = 0, end = 0;
};

const nlohmann::json& member(const nlohmann::json& info, const char* key,
                             const std::string& where) {
  BRAID_CHECK(info.contains(key), format,
              "{}: expected the keys dtype, shape and data_offsets, got no {}", where, key);
  return info[key];
}

std::vector<uint64_t> whole_numbers(const nlohmann::json& list, const char* what,
                                    const std::string& where) {
  BRAID_CHECK(list.is_array(), format, "{}: {}: expected a list, got {}", where, what,
              json_type(list));
  std::vector<uint64_t> numbers;
  for (const nlohmann::json& item : list) {
    BRAID_CHECK(item.is_number_unsigned() && item.get<uint64_t>() <= uint64_t{INT64_MAX}, format,
                "{}: {}: expected whole numbers from 0 that fit 63 bits, got {}", where, what,
                item.is_structured() ? json_type(item) : item.dump());
    numbers.push_back(item.get<uint64_t>());
  }
  return numbers;
}

Entry read_entry(const std::string& name, const nlohmann::json& info, const std::string& file) {
  const std::string where = fmt::format("{}: tensor '{}'", file, name);
  BRAID_CHECK(info.is_object(), format, "{}: expected an object, got {}", where, json_type(info));
  Entry entry;
  entry.tensor.name = name;
  const nlohmann::json& dtype = member(info, "dtype", where);
  BRAID_CHECK(dtype.is_string() && item_bytes(dtype.get<std::string>()) > 0, format,
              "{}: dtype: expected one of {}, got {}; convert the tensor", where, known_dtypes(),
              dtype.is_structured() ? json_type(dtype) : dtype.dump());
  entry.tensor.dtype = dtype.get<std::string>();
  for (const uint64_t length : whole_numbers(member(info, "shape", where), "shape", where))
    entry.tensor.shape.push_back(static_cast<int64_t>(length));
  const auto offsets = whole_numbers(member(info, "data_offsets", where), "data_offsets", where);
  BRAID_CHECK(offsets.size() == 2 && offsets[0] <= offsets[1], format,
              "{}: data_offsets: expected [begin, end] with begin <= end, got [{}]", where,
              fmt::join(offsets, ", "));
  BRAID_CHECK(info.size() == 3, format,
              "{}: expected the keys dtype, shape and data_offsets, got {} keys", where,
              info.size());
  entry.begin = offsets[0];
  entry.end = offsets[1];
  uint64_t bytes = 0;
  BRAID_CHECK(tensor_bytes(entry.tensor.shape, item_bytes(entry.tensor.dtype), &bytes), format,
              "{}: shape: expected a size that fits 63 bits, got [{}]", where,
              fmt::join(entry.tensor.shape, ", "));
  BRAID_CHECK(bytes == entry.end - entry.begin, format,
              "{}: data_offsets: expected {} bytes for {} [{}], got {}", where, bytes,
              entry.tensor.dtype, fmt::join(entry.tensor.shape, ", "), entry.end - entry.begin);
  return entry;
}

std::map<std::string, std::string> read_metadata(const nlohmann::json& object,
                                                 const std::string& file) {
  BRAID_CHECK(object.is_object(), format, "{}: {}: expected an object, got {}", file, kMetadata,
              json_type(object));
  std::map<std::string, std::string> metadata;
  for (const auto& item : object.items()) {
    BRAID_CHECK(item.value().is_string(), format, "{}: {}: '{}': expected text, got {}", file,
                kMetadata, item.key(), json_type(item.value()));
    metadata[item.key()] = item.value().get<std::string>();
  }
  return metadata;
}

// Every byte of the data belongs to exactly one tensor.
void check_layout(const std::vector<Entry>& entries, uint64_t data_bytes, const std::string& file) {
  uint64_t at = 0;
  for (const Entry& entry : entries) {
    const std::string where = fmt::format("{}: tensor '{}': data_offsets", file, entry.tensor.name);
    BRAID_CHECK(entry.end <= data_bytes, format,
                "{}: expected an end within the {} bytes of data, got {}; is the file complete?",
                where, data_bytes, entry.end);
    BRAID_CHECK(entry.begin >= at, format, "{}: expected to begin at {}, got {}: tensors overlap",
                where, at, entry.begin);
    BRAID_CHECK(entry.begin == at, format,
                "{}: expected to begin at {}, got {}: a gap that no tensor owns", where, at,
                entry.begin);
    at = entry.end;
  }
  BRAID_CHECK(at == data_bytes, format,
              "{}: expected {} bytes of data as the header says, got {}: bytes that no tensor owns",
              file, at, data_bytes);
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view file, const std::string& name) {
  ByteReader reader(file, name);
  const auto header_bytes = reader.little_endian<uint64_t>("header length");
  BRAID_CHECK(
      header_bytes <= kMaxHeaderBytes, format,
      "{}: byte 0: header length: expected at most {} bytes, got {}; is it a safetensors file?",
      name, kMaxHeaderBytes, header_bytes);
  const std::string_view text = reader.take(header_bytes, "header");
  const std::string_view data = reader.take(reader.remaining(), "data");
  SafetensorsHeader content;
  std::vector<Entry> entries;
  try {
    const JsonObject header = parse_json_object(text, name + ": header");
    for (const std::string& key : header.keys) {
      if (key == kMetadata) {
        content.metadata = read_metadata(header.members[key], name);
      } else {
        entries.push_back(read_entry(key, header.members[key], name));
      }
    }
  } catch (const Error& e) {
    throw Error(ErrorKind::format, e.what());  // in this container every fault is one of format
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::make_pair(a.begin, a.end) < std::make_pair(b.begin, b.end);
  });
  check_layout(entries, data.size(), name);
  for (Entry& entry : entries) {
    entry.tensor.bytes = data.substr(entry.begin, entry.end - entry.begin);
    content.tensors.push_back(std::move(entry.tensor));
  }
  return content;
}

std::string serialize_safetensors_header(const std::vector<TensorView>& tensors,
                                         const std::map<std::string, std::string>& metadata) {
  std::string header = "{";
  std::set<std::string> names{kMetadata};
  uint64_t offset = 0;
  try {
    if (!metadata.empty())
      header += fmt::format("\"{}\":{}", kMetadata, nlohmann::json(metadata).dump());
    for (const TensorView& tensor : tensors) {
      uint64_t bytes = 0;
      BRAID_CHECK(names.insert(tensor.name).second, usage,
                  "safetensors: tensor '{}': expected a name that no other tensor has",
                  tensor.name);
      BRAID_CHECK(item_bytes(tensor.dtype) > 0, usage,
                  "safetensors: tensor '{}': dtype: expected one of {}, got '{}'", tensor.name,
                  known_dtypes(), tensor.dtype);
      BRAID_CHECK(tensor_bytes(tensor.shape, item_bytes(tensor.dtype), &bytes) &&
                      bytes == tensor.bytes.size(),
                  shape, "safetensors: tensor '{}': expected the bytes of {} [{}], got {} bytes",
                  tensor.name, tensor.dtype, fmt::join(tensor.shape, ", "), tensor.bytes.size());
      header += fmt::format("{}{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}",
                            header.size() > 1 ? "," : "", nlohmann::json(tensor.name).dump(),
                            tensor.dtype, fmt::join(tensor.shape, ","), offset, offset + bytes);
      offset += bytes;
    }
  } catch (const nlohmann::json::type_error&) {
    fail(ErrorKind::usage, "safetensors: expected names and metadata in UTF-8, got other bytes");
  }
  header += '}';
  header.append((8 - header.size() % 8) % 8, ' ');
  BRAID_CHECK(header.size() <= kMaxHeaderBytes, usage,
              "safetensors: expected a header of at most {} bytes, got {}; write fewer tensors",
              kMaxHeaderBytes, header.size());
  std::string length;
  for (int shift = 0; shift < 64; shift += 8)
    length += static_cast<char>(uint64_t{header.size()} >> shift & 0xFF);
  return length + header;
}

}  // namespace braid::formats
