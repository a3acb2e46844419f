// Uses an installed Braid as any program would: loads a bundle, predicts from files and from memory
// with any subset of the modalities, with and without a calibration. Usage: consumer BUNDLE
// CALIBRATED IMAGE AUDIO TEXT; prints the label of each way, one a line.
#include <braid/braid.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

// The samples of a 16 bit mono WAV file with the plain 44 byte header that `braid synthesize`
// writes.
std::vector<float> samples_of(const std::string& path, int* rate_hz) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)),
                                std::istreambuf_iterator<char>());
  auto byte = [&](size_t i) { return static_cast<int>(static_cast<unsigned char>(bytes.at(i))); };
  *rate_hz = byte(24) | byte(25) << 8 | byte(26) << 16;
  std::vector<float> samples;
  for (size_t i = 44; i + 1 < bytes.size(); i += 2) {
    const int16_t value = static_cast<int16_t>(byte(i) | byte(i + 1) << 8);
    samples.push_back(static_cast<float>(value) / 32768.0f);
  }
  return samples;
}

bool is_distribution(const braid::Prediction& p) {
  double sum = 0;
  for (double score : p.scores) {
    if (!(score >= 0)) return false;
    sum += score;
  }
  return !p.label.empty() && std::fabs(sum - 1) < 1e-6;
}

bool fail(const char* what) {
  std::fprintf(stderr, "consumer: %s\n", what);
  return false;
}

bool run(const std::string& bundle, const std::string& image, const std::string& audio,
         const std::string& text) {
  braid::Predictor predictor = braid::Predictor::load(bundle);
  if (predictor.task() != "multiclass" || predictor.target() != "label" ||
      predictor.labels().size() != 4)
    return fail("unexpected task");
  if (predictor.modalities().size() != 4) return fail("expected four modalities");

  braid::Sample from_files;
  from_files.set_file("image", image).set_file("audio", audio).set_cell("text", text);
  const braid::Prediction files = predictor.predict(from_files);
  std::printf("files %s\n", files.label.c_str());
  if (!is_distribution(files)) return fail("files: no distribution");
  if (files.missing != std::vector<std::string>{"tabular"})
    return fail("expected 'tabular' to be the missing modality");

  // The same sound and words out of memory: the same bits.
  int rate_hz = 0;
  const std::vector<float> samples = samples_of(audio, &rate_hz);
  braid::Sample from_memory;
  from_memory.set_file("image", image)
      .set_audio("audio", samples.data(), samples.size(), rate_hz)
      .set_text("text", text);
  const braid::Prediction memory = predictor.predict(from_memory);
  std::printf("memory %s\n", memory.label.c_str());
  if (memory.scores != files.scores) return fail("memory: expected the scores of the files");

  // A batch of every one modality on its own, and of none.
  const std::vector<uint8_t> pixels(24 * 24, 128);
  std::vector<braid::Sample> subsets(5);
  subsets[0].set_image("image", pixels.data(), 24, 24, 1);
  subsets[1].set_audio("audio", samples.data(), samples.size(), rate_hz);
  subsets[2].set_text("text", text);
  subsets[3].set_number("age", 40).set_category("channel", "phone");
  for (const braid::Prediction& p : predictor.predict({subsets.begin(), subsets.end() - 1})) {
    if (!is_distribution(p) || p.missing.size() != 3)
      return fail("subset: expected a distribution and three missing modalities");
  }

  // Not calibrated: nothing is masked, and there are no sets.
  if (predictor.is_calibrated() || predictor.coverage() != 0 || !files.set.empty() ||
      !files.masked.empty() || files.is_refused)
    return fail("expected no calibration");

  try {
    predictor.predict(braid::Sample().set_text("txet", text));
    return fail("expected an error for an unknown field");
  } catch (const braid::Error& e) {
    if (e.kind() != braid::ErrorKind::config ||
        std::string(e.what()).find("did you mean 'text'") == std::string::npos)
      return fail(e.what());
  }
  std::printf("version %s\n", braid::version());
  return true;
}

// The same bundle with a calibration: a sound like no other is masked, the label is in its set, and
// what has nothing else is refused.
bool run_calibrated(const std::string& bundle, const std::string& image) {
  braid::Predictor predictor = braid::Predictor::load(bundle);
  if (!predictor.is_calibrated() || predictor.coverage() != 0.9)
    return fail("expected coverage 0.9");
  const braid::Prediction sound = predictor.predict(braid::Sample().set_file("image", image));
  if (sound.set.empty() || sound.set[0] != sound.label || sound.is_refused)
    return fail("expected the label first in its set");
  braid::Sample faulty;
  faulty.set_number("age", 1e9);
  const braid::Prediction refused = predictor.predict(faulty);
  if (refused.masked != std::vector<std::string>{"tabular"} || !refused.is_refused ||
      refused.set.size() != predictor.labels().size())
    return fail("expected a refusal");
  braid::PredictorOptions options;
  options.has_gate = false;
  if (!braid::Predictor::load(bundle, options).predict(faulty).masked.empty())
    return fail("expected no gate");
  std::printf("calibrated %s\n", sound.label.c_str());
  return true;
}

// Frames of two streams; and a bundle that reads no stream refuses to run live.
bool run_live(const std::string& bundle) {
  braid::SynchronizerOptions options;
  options.step_ns = braid::nanoseconds(0.01);
  options.streams.resize(2);
  options.streams[0].name = "x";
  options.streams[1].name = "y";
  options.streams[1].method = "mean";
  options.streams[1].covers_step_after = true;
  int num_dropped = 0;
  options.on_dropped = [&](const braid::DroppedMeasurement& one) {
    num_dropped += std::string(braid::to_string(one.reason)) == "late" ? 1 : 0;
  };
  braid::Synchronizer synchronizer(options);
  for (int i = 0; i < 100; ++i) {
    const double value = i;
    synchronizer.push("x", braid::nanoseconds(i * 0.001), &value, 1);
    synchronizer.push(1, braid::nanoseconds(i * 0.001), &value, 1);
  }
  const double late = 0;
  synchronizer.push("x", 0, &late, 1);
  synchronizer.finish();
  braid::SynchronizedFrame frame;
  if (!synchronizer.take(&frame) || frame.values != std::vector<double>{0, 4.5})
    return fail("expected a frame with the value and the mean");
  if (synchronizer.counts().late != 1 || num_dropped != 1) return fail("expected one late");
  braid::AlignPlan plan;
  plan.rate_hz = 4;
  plan.window_ns = braid::nanoseconds(1);
  plan.streams.resize(1);
  plan.streams[0].name = "eda";
  try {
    braid::StreamPredictor::load(bundle, plan);
    return fail("expected an error for a bundle without streams");
  } catch (const braid::Error& e) {
    if (e.kind() != braid::ErrorKind::config) return fail(e.what());
  }
  std::printf("live %d\n", static_cast<int>(synchronizer.counts().frames));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: consumer BUNDLE CALIBRATED IMAGE AUDIO TEXT\n");
    return 2;
  }
  try {
    const bool is_good = run(argv[1], argv[3], argv[4], argv[5]) &&
                         run_calibrated(argv[2], argv[3]) && run_live(argv[1]);
    return is_good ? 0 : 1;
  } catch (const braid::Error& e) {
    std::fprintf(stderr, "consumer: %s\n", e.what());
    return e.exit_code();
  }
}
