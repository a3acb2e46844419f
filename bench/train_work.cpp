#include <cstdlib>
#include <filesystem>
#include <memory>

#include "bench/media_work.h"
#include "bench/peer.h"
#include "core/error.h"
#include "core/file.h"

namespace braid::bench {
namespace {

int num_epochs(const Request& request) { return request.is_smallest ? 1 : 5; }
// In the smallest batches an epoch would take longest.
int64_t batch_size(const Request& request) { return request.is_smallest ? 32 : request.batch; }

std::string data_set() {
  const char* folder = std::getenv("BRAID_DATA");
  return std::string(folder != nullptr ? folder : BRAID_SOURCE_FOLDER "/../shared/data") +
         "/avdigits";
}

std::string braid() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "braid";
}

// A run's test accuracy; it is the last line of what braid prints.
double train(const Request& request, int run) {
  const std::string text =
      output_of({braid(), "train", data_set() + "/manifest.csv", "--target", "label", "--fields",
                 "image_degraded,audio_noisy", "model.fusion.name=concat",
                 fmt::format("train.epochs={}", num_epochs(request)),
                 fmt::format("train.batch_size={}", batch_size(request)),
                 // What the other program does not do either.
                 "train.augment=false", "train.modality_dropout=0", "--seed", "1", "--threads",
                 std::to_string(request.threads), "--json", "--out",
                 fmt::format("{}/run{}of{}", request.folder, run, request.threads)});
  const size_t last = text.rfind('\n', text.size() - 2) + 1;
  return parse_json(text.substr(last), "braid train").at("test").at("accuracy").at("mean");
}

}  // namespace

Work train_work(const Request& request) {
  auto num_runs = std::make_shared<int>(0);
  Work work;
  work.load = {{"model", request.name},
               {"folder", data_set()},
               {"epochs", num_epochs(request)},
               {"batch_size", batch_size(request)},
               {"out", request.folder + "/peer.pt"}};
  work.values = [=] { return std::vector<double>{train(request, ++*num_runs)}; };
  work.once = [=] { train(request, ++*num_runs); };
  // Other first weights: they have to learn alike, not the same; one epoch says little.
  work.tolerance = request.is_smallest ? 1 : 0.1;
  work.is_long = true;
  work.score = "test accuracy";
  return work;
}

std::string what_hinders_train() {
  if (!file_exists(data_set() + "/manifest.csv"))
    return fmt::format("no {}; set BRAID_DATA", data_set());
  return file_exists(braid()) ? "" : "no braid beside this program; build it";
}

}  // namespace braid::bench
