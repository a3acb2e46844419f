#include "data/synthesize.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <mutex>

#include "core/error.h"
#include "core/file.h"
#include "core/rng.h"
#include "core/thread_pool.h"
#include "data/synthetic_row.h"
#include "formats/table.h"

namespace braid::data {
namespace {

const char* const kLabels[] = {"calm", "alert", "busy", "alarm"};  // 2 u + v
const char* const kModalities[] = {"image", "audio", "text", "tabular"};

// Without a sync to the disk for each of thousands of files: an interrupted run has no manifest and
// is made again.
void write_plainly(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  BRAID_CHECK(file, io,
              "{}: expected to write {} bytes, failed; is the disk full or the folder read-only?",
              path, bytes.size());
}

struct Plan {
  bool u, v, a;
  const char* split;
};

// The eight combinations of the bits equally often, in any order; 60 % train, 15 % val and 25 %
// test of each.
std::vector<Plan> plan_rows(int64_t num_rows, const Rng& seed) {
  Rng rng = seed.fork("plan");
  std::vector<int64_t> order(num_rows);
  for (int64_t i = 0; i < num_rows; ++i) order[i] = i;
  rng.shuffle(order);
  std::vector<Plan> rows(num_rows);
  const char* const names[] = {"train", "val", "test"};
  const double shares[] = {0.6, 0.15, 0.25};
  double have[3] = {0, 0, 0};
  for (int64_t j = 0; j < num_rows; ++j) {
    // In runs of one combination the part furthest behind comes next, so that each gets its shares.
    const int64_t combination = j * 8 / num_rows;
    int next = 0;
    double most = -1;
    for (int part = 0; part < 3; ++part) {
      const double behind = shares[part] * static_cast<double>(j + 1) - have[part];
      if (behind > most) {
        most = behind;
        next = part;
      }
    }
    have[next] += 1;
    rows[order[j]] = {(combination & 4) != 0, (combination & 2) != 0, (combination & 1) != 0,
                      names[next]};
  }
  return rows;
}

const char* name_of(Cue cue) {
  return cue == Cue::right ? "right" : cue == Cue::blank ? "blank" : "wrong";
}

// P(u is read correctly) from the cues of `num_cues` media and, with a table, from its numbers too.
double best_for_u(int num_cues, bool has_table) {
  const double per_cue = std::log(kCueRight / kCueWrong);
  const double d2 =
      4 * (kAgeShift * kAgeShift + kScoreShift * kScoreShift);  // squared distance of the two means
  const double channel = std::log(kChannelLikely / kChannelUnlikely);
  const double channels[3][2] = {
      {kChannelLikely, channel}, {kChannelNeutral, 0}, {kChannelUnlikely, -channel}};
  double correct = 0;
  for (int right = 0; right <= num_cues; ++right) {
    for (int wrong = 0; right + wrong <= num_cues; ++wrong) {
      const int blank = num_cues - right - wrong;
      const double ways =
          std::tgamma(num_cues + 1) /
          (std::tgamma(right + 1) * std::tgamma(wrong + 1) * std::tgamma(blank + 1));
      const double chance = ways * std::pow(kCueRight, right) * std::pow(kCueWrong, wrong) *
                            std::pow(kCueBlank, blank);
      const double evidence = per_cue * (right - wrong);
      if (!has_table) {
        correct += chance * (right > wrong ? 1 : right == wrong ? 0.5 : 0);
        continue;
      }
      // The log ratio of the two Gaussians is normal with mean d2 / 2 and variance d2.
      for (const auto& [probability, ratio] : channels)
        correct += chance * probability * 0.5 *
                   std::erfc(-(evidence + ratio + d2 / 2) / std::sqrt(2 * d2));
    }
  }
  return correct;
}

std::string reached(const std::vector<std::string>& modalities, double missing) {
  return fmt::format("{:.3f} | {:.3f}", synthetic_best_accuracy(modalities),
                     synthetic_best_accuracy(modalities, missing));
}

std::string readme(const SynthesizeConfig& config) {
  std::string text = fmt::format(
      "# Synthetic demo data\n\n"
      "Everything in this folder was made by `braid` from random numbers: {} rows, seed {}. It "
      "holds no real\n"
      "measurement and says nothing about the world; it exists because its truth is known.\n\n"
      "`manifest.csv` has the columns id, split, label, image (PNG, 24x24 grey), audio (WAV, 8 "
      "kHz, 0.4 to 0.9 s), text,\n"
      "and the table age, score, channel. Each modality is missing in a row with chance {}, never "
      "all four.\n\n"
      "The label is two bits: calm = 00, alert = 01, busy = 10, alarm = 11 (u first, then v).\n\n"
      "- **u is redundant.** Picture (disc or ring), sound (one of two pairs of tones) and text "
      "(one word) each tell it\n"
      "  rightly with chance {}, not at all with {}, wrongly with {}, each by itself; the table "
      "tells it through shifted\n"
      "  means ({} and {} deviations) and the channel ({}, {}, {}).\n"
      "- **v is a synergy.** v = a xor b; a is seen in the picture only (stripe at the top or "
      "bottom), b heard in the\n"
      "  sound only (chirp rising or falling). No single modality tells anything of v.\n\n"
      "The best accuracy that any model can reach on the four classes, computed from these "
      "parameters (pictures, sounds\n"
      "and words read without error):\n\n"
      "| modalities | complete rows | rows as they are |\n|---|---|---|\n",
      config.rows, config.seed, config.missing, kCueRight, kCueBlank, kCueWrong, 2 * kAgeShift,
      2 * kScoreShift, kChannelLikely, kChannelNeutral, kChannelUnlikely);
  for (const char* name : kModalities)
    text += fmt::format("| {} | {} |\n", name, reached({name}, config.missing));
  const std::vector<std::vector<std::string>> sets = {{"text", "tabular"},
                                                      {"image", "audio"},
                                                      {"image", "audio", "text"},
                                                      {"image", "audio", "text", "tabular"}};
  for (const auto& set : sets)
    text += fmt::format("| {} | {} |\n", fmt::join(set, " + "), reached(set, config.missing));
  return text +
         "\n`truth.csv` has the bits u, v, a, b of every row and what each modality tells of u "
         "(right, blank, wrong). It "
         "is for\nchecking, never an input.\n";
}

}  // namespace

double synthetic_best_accuracy(const std::vector<std::string>& modalities, double missing) {
  bool is_used[4] = {false, false, false, false};
  for (const std::string& name : modalities) {
    const auto found = std::find(std::begin(kModalities), std::end(kModalities), name);
    BRAID_CHECK(found != std::end(kModalities), config, "{}",
                unknown_name("modality", name, {std::begin(kModalities), std::end(kModalities)}));
    is_used[found - std::begin(kModalities)] = true;
  }
  double sum = 0, total = 0;
  for (int present = 1; present < 16; ++present) {  // bit m: modality m is there; never none
    double chance = 1;
    int num_cues = 0;
    bool sees[4];
    for (int m = 0; m < 4; ++m) {
      const bool is_present = (present >> m & 1) != 0;
      chance *= is_present ? 1 - missing : missing;
      sees[m] = is_present && is_used[m];
      if (m < 3 && sees[m]) ++num_cues;
    }
    total += chance;
    sum += chance * best_for_u(num_cues, sees[3]) * (sees[0] && sees[1] ? 1 : 0.5);
  }
  return sum / total;
}

void synthesize(const std::string& folder, const SynthesizeConfig& config, int num_threads,
                const Sinks& sinks) {
  BRAID_CHECK(config.rows >= 20, config, "rows: expected at least 20, got {}; raise it",
              config.rows);
  make_folders(join_path(folder, "image"));
  make_folders(join_path(folder, "audio"));
  const Rng rng(static_cast<uint64_t>(config.seed));
  const std::vector<Plan> plan = plan_rows(config.rows, rng);
  std::vector<std::string> manifest(config.rows), truth(config.rows);
  std::mutex mutex;
  int64_t num_done = 0;
  parallel_for(config.rows, num_threads, [&](int64_t i) {
    const SyntheticRow row = draw_row(plan[i].u, plan[i].v, plan[i].a, config.missing,
                                      rng.fork("row").fork(static_cast<uint64_t>(i)));
    const std::string id = fmt::format("s{:05}", i);
    const std::string image = "image/" + id + ".png", audio = "audio/" + id + ".wav";
    if (row.has_image)
      write_plainly(join_path(folder, image), formats::encode_png(draw_image(row)));
    if (row.has_audio)
      write_plainly(join_path(folder, audio), formats::encode_wav(draw_audio(row)));
    const bool t = row.has_tabular;
    manifest[i] = formats::format_csv_row(
        {id, plan[i].split, kLabels[2 * row.u + row.v], row.has_image ? image : "",
         row.has_audio ? audio : "", row.has_text ? row.sentence : "",
         t ? fmt::format("{:.1f}", row.age) : "", t ? fmt::format("{:.3f}", row.score) : "",
         t ? row.channel : ""});
    truth[i] = fmt::format("{},{:d},{:d},{:d},{:d},{},{},{}", id, row.u, row.v, row.a, row.b,
                           name_of(row.image), name_of(row.audio), name_of(row.text));
    const std::lock_guard<std::mutex> lock(mutex);
    if (++num_done % 100 == 0 || num_done == config.rows)
      sinks.tick({"synthesize", num_done, config.rows, ""});
  });
  write_file_atomically(join_path(folder, "README.md"), readme(config));
  write_file_atomically(join_path(folder, "truth.csv"),
                        fmt::format("id,u,v,a,b,image,audio,text\n{}\n", fmt::join(truth, "\n")));
  write_file_atomically(join_path(folder, "manifest.csv"),
                        fmt::format("id,split,label,image,audio,text,age,score,channel\n{}\n",
                                    fmt::join(manifest, "\n")));
}

}  // namespace braid::data
