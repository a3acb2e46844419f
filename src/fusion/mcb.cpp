// The outer product, sketched: a convolution of count sketches.
#include "fusion/vectors.h"

namespace braid::fusion {
namespace {

struct Config : VectorConfig {
  int64_t width = 512;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(2), "width of the sketch; wider = nearer to the outer product");
    VectorConfig::visit(v);
  }
};

/// Multimodal compact bilinear pooling: psi_m[h_m(i)] += s_m(i) z_m[i] with fixed random places h
/// and signs s, joined = unit(signed_sqrt(psi_1 * ... * psi_M)), * the circular convolution, which
/// is the sketch of the outer product.
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     M + 1 Fourier transforms of `width` a row; the classifier B * hidden * width
/// multiply-adds. Places and signs are buffers, places.<modality> and signs.<modality>.
/// Source   Fukui et al. 2016 (MCB), arXiv:1606.01847; Gao et al. 2016, arXiv:1511.06062.
class Mcb : public VectorFusion {
 public:
  Mcb(const Context& context, const Config& config, const std::string& where)
      : VectorFusion(context, config, config.width), width_(config.width) {
    check_several(context, where);
    places_ = register_folder(this, "places");
    signs_ = register_folder(this, "signs");
    const std::vector<std::string> names = module_names(context.modalities);
    for (size_t m = 0; m < names.size(); ++m) {
      const int64_t D = context.widths[m];
      places_->register_buffer(names[m], torch::randint(config.width, {D}, torch::kLong));
      signs_->register_buffer(names[m],
                              2 * torch::randint(2, {D}, torch::kLong).to(torch::kFloat) - 1);
    }
  }

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor&, Fused*) override {
    // The module's buffers, which follow it to other devices, and types, even the places.
    const auto places = places_->buffers(), signs = signs_->buffers();
    std::vector<Tensor> spectra;
    for (size_t m = 0; m < vectors.size(); ++m) {
      const Tensor& z = vectors[m];
      const Tensor sketch = at::zeros({z.size(0), width_}, z.options())
                                .index_add(1, places[m].to(at::kLong), z * signs[m]);
      spectra.push_back(at::fft_rfft(sketch));  // [B, width / 2 + 1] complex
    }
    const Tensor product = product_of(spectra);
    return unit_rows(signed_sqrt(at::fft_irfft(product, width_)));  // [B, width]
  }

 private:
  int64_t width_;
  std::shared_ptr<torch::nn::Module> places_, signs_;
};

}  // namespace

extern const Method mcb = {
    "mcb",
    "Compact bilinear pooling: the outer product of the vectors as a short random sketch.",
    "Fukui et al. 2016, arXiv:1606.01847",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "A learned vector stands for an absent modality.",
    "Products of wide vectors where parameters are to be few.",
    describe_config<Config>,
    make_from<Mcb, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
