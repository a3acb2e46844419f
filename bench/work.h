// What is done side by side with other programs: models, fusions, media, a whole training.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/json.h"

namespace braid::bench {

struct Request {
  std::string name;  // one of work_names()
  std::string pass;  // one of passes_of(name)
  int64_t batch = 1;
  std::string precision = "float32";
  int threads = 1;
  bool shares_cores = false;  // no more threads of models than other programs leave cores
  std::string folder;         // for files that peers read
  bool is_smallest = false;   // only to see that it works
};

/// Ours, ready to be compared with what peers make of `load`, and timed.
struct Work {
  Json load;                                    // all that a peer has to know
  std::function<std::vector<double>()> values;  // to be compared before anything is timed
  std::function<void()> once;
  double tolerance = 1e-3;  // of a value, or of a value's share where it is above 1
  // For the roofline, 0 where it says nothing: operations that have to be done, bytes that have to
  // be moved at the bandwidth of `resident` bytes.
  double operations = 0, bytes = 0, resident = 0;
  bool has_onnx = false;     // peers can export it
  bool shares_peer = false;  // too small for a process of PyTorch's of its own
  bool is_long = false;      // seconds: timed once a half, without a warm-up
  const char* score = "";    // what `values` is, where it is a result worth printing
};

/// Every model, every registered fusion, then media and training.
std::vector<std::string> work_names();
/// Whether `word` names it or its group: "fusion" names every "fusion/<method>".
bool is_named(const std::string& name, const std::string& word);
std::vector<std::string> passes_of(const std::string& name);
std::vector<int64_t> batches_of(const std::string& name, const std::string& pass);
/// Why it cannot be done here, "" where it can.
std::string what_hinders(const std::string& name);
Work make_work(const Request& request);

}  // namespace braid::bench
