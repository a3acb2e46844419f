#include "formats/safetensors.h"

#include "core/file.h"
#include "formats/safetensors_header.h"

namespace braid::formats {

const SafeTensor* SafeTensors::find(const std::string& name) const {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return &tensor;
  return nullptr;
}

SafeTensors parse_safetensors(std::string_view bytes, const std::string& name) {
  SafetensorsHeader header = parse_safetensors_header(bytes, name);
  SafeTensors content;
  content.metadata = std::move(header.metadata);
  for (TensorView& view : header.tensors)
    content.tensors.emplace_back(
        std::move(view.name),
        SafeTensor{std::move(view.dtype), std::move(view.shape), std::string(view.bytes)});
  return content;
}

SafeTensors read_safetensors(const std::string& path) {
  return parse_safetensors(read_file(path), path);
}

std::string serialize_safetensors(const SafeTensors& content) {
  std::vector<TensorView> views;
  size_t data_bytes = 0;
  for (const auto& [name, tensor] : content.tensors) {
    views.push_back({name, tensor.dtype, tensor.shape, tensor.bytes});
    data_bytes += tensor.bytes.size();
  }
  std::string bytes = serialize_safetensors_header(views, content.metadata);
  bytes.reserve(bytes.size() + data_bytes);
  for (const TensorView& view : views) bytes += view.bytes;
  return bytes;
}

}  // namespace braid::formats
