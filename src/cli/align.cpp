// braid align: streams of different rates and clocks become samples on one timeline.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "align/session_json.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/file.h"
#include "report/align_report.h"

namespace braid::cli {
namespace {

namespace fs = std::filesystem;

// Durations and STREAM=VALUE pairs as they were typed.
struct AlignFlags {
  std::string key, events, window, hop, before, after, hold, span = "common", out = "aligned";
  std::string max_offset, across;
  std::vector<std::string> methods, tolerances, syncs;
  double rate_hz = 0;
  bool standardizes = false, repairs = false, skips_bad = false, is_json = false, is_dry = false;
};

void add_flags(Command* command, AlignFlags* flags) {
  const char* samples = "Samples";
  const auto duration = [&](const char* name, std::string& target, const char* help) {
    command->option(name, target, help, samples)->type_name("TIME");
  };
  command->option("--key", flags->key, "column that says which recording a row belongs to", samples)
      ->type_name("COL");
  command
      ->option("--events", flags->events, "table of events with start and end: a sample for each",
               samples)
      ->type_name("FILE");
  duration("--before", flags->before, "take in so much before each event");
  duration("--after", flags->after, "take in so much after each event");
  duration("--window", flags->window, "length of fixed windows; without either: timelines");
  duration("--hop", flags->hop, "from window to window; left out = their length");
  command
      ->option("--span", flags->span,
               "part of a recording for windows and timelines: common, whole", samples)
      ->type_name("NAME");
  const char* values = "Values";
  command->option("--rate", flags->rate_hz, "ticks a second; needed by all but cut, text", values)
      ->type_name("HZ")
      ->default_str("");
  command
      ->list("--method", flags->methods,
             "for all, or STREAM=NAME; also cut, text; left out = linear or mean", values)
      ->type_name("NAME");
  command
      ->list("--tolerance", flags->tolerances,
             "how far a measurement may lie from its tick, or STREAM=TIME", values)
      ->type_name("TIME");
  command->option("--hold", flags->hold, "fill gaps with the newest value up to this age", values)
      ->type_name("TIME");
  const char* clocks = "Clocks";
  command
      ->list("--sync", flags->syncs,
             "STREAM=REFERENCE: find how late the stream is, and take it off its times", clocks)
      ->type_name("PAIR");
  command->option("--max-offset", flags->max_offset, "look so far to both sides", clocks)
      ->type_name("TIME")
      ->default_str("1s");
  command
      ->option("--sync-across", flags->across,
               "an offset for each recording, one for all together, or auto", clocks)
      ->type_name("NAME")
      ->default_str("auto");
  command->flag("--standardize", flags->standardizes,
                "each channel by its own mean and deviation within its recording", values);
  const char* wrong = "What is wrong";
  command->flag("--repair", flags->repairs, "sort times that go back, drop what repeats; count it",
                wrong);
  command->flag("--skip-bad", flags->skips_bad, "leave unreadable streams out; count and list them",
                wrong);
  command->option("--out", flags->out, "folder to create, or an empty one", "Output")
      ->type_name("DIR");
  command->flag("--dry-run", flags->is_dry, "read everything, print the plan, write nothing",
                "Output");
  command->flag("--json", flags->is_json, "print report.json on stdout instead of the table",
                "Output");
}

// "eda=mean" for that stream, "mean" for all others: ("eda", "mean"), ("", "mean").
std::pair<std::string, std::string> split_pair(const std::string& text, const char* flag,
                                               const std::vector<std::string>& taken) {
  const size_t equals = text.find('=');
  const std::string stream = equals == std::string::npos ? "" : text.substr(0, equals);
  for (const std::string& other : taken)
    BRAID_CHECK(other != stream, usage, "{}: expected one value for {}, got two", flag,
                stream.empty() ? "all streams" : stream);
  return {stream, equals == std::string::npos ? text : text.substr(equals + 1)};
}

align::SyncOptions sync_of(const AlignFlags& flags) {
  align::SyncOptions sync;
  for (const std::string& text : flags.syncs) {
    const size_t equals = text.find('=');
    BRAID_CHECK(equals != std::string::npos && equals > 0 && equals + 1 < text.size(), usage,
                "--sync: expected STREAM=REFERENCE as in audio=video, got {}", text);
    sync.pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  BRAID_CHECK(!sync.pairs.empty() || (flags.max_offset.empty() && flags.across.empty()), usage,
              "--max-offset and --sync-across: expected --sync with them, got none; name a stream "
              "and its reference");
  if (!flags.max_offset.empty())
    sync.max_offset_ns = align::parse_duration(flags.max_offset, "--max-offset");
  if (!flags.across.empty()) sync.across = align::parse_sync_across(flags.across);
  return sync;
}

int64_t duration_of(const std::string& text, const char* flag) {
  if (text.empty()) return 0;
  const int64_t ns = align::parse_duration(text, flag);
  BRAID_CHECK(ns >= 0, usage, "{}: expected 0 or more, got {}", flag, text);
  return ns;
}

align::SessionOptions options_of(const AlignFlags& flags, int num_threads) {
  align::SessionOptions options;
  options.rate_hz = flags.rate_hz;
  options.events_path = flags.events;
  options.before_ns = duration_of(flags.before, "--before");
  options.after_ns = duration_of(flags.after, "--after");
  options.window_ns = duration_of(flags.window, "--window");
  options.hop_ns = duration_of(flags.hop, "--hop");
  options.span = align::parse_span(flags.span);
  if (!flags.hold.empty()) options.hold_ns = duration_of(flags.hold, "--hold");
  std::vector<std::string> taken;
  for (const std::string& text : flags.methods) {
    const auto [stream, method] = split_pair(text, "--method", taken);
    options.methods[stream] = method;
    taken.push_back(stream);
  }
  taken.clear();
  for (const std::string& text : flags.tolerances) {
    const auto [stream, tolerance] = split_pair(text, "--tolerance", taken);
    options.tolerances_ns[stream] = align::parse_duration(tolerance, "--tolerance");
    taken.push_back(stream);
  }
  options.sync = sync_of(flags);
  options.standardizes = flags.standardizes;
  options.repairs = flags.repairs;
  options.skips_bad = flags.skips_bad;
  options.num_threads = num_threads;
  return options;
}

void check_out(const std::string& out) {
  std::error_code code;
  const bool is_there = fs::exists(out, code);
  BRAID_CHECK(!is_there || (fs::is_directory(out, code) && fs::is_empty(out, code)), usage,
              "--out {}: expected a new or an empty folder, got one that holds something; name "
              "another, or take it away first",
              out);
}

// A folder beside the one that is wanted: it takes its place when all is written, or goes.
class Draft {
 public:
  explicit Draft(const std::string& out) : out_(out) {
    while (out_.size() > 1 && out_.back() == '/') out_.pop_back();
    path_ = fmt::format("{}.part{}", out_, getpid());
    make_folders(path_);
  }
  ~Draft() {
    std::error_code code;
    if (!path_.empty()) fs::remove_all(path_, code);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  const std::string& path() const { return path_; }
  void keep() {
    std::error_code code;
    fs::rename(path_, out_, code);
    BRAID_CHECK(!code, io, "{}: cannot rename {} to it: {}", out_, path_, code.message());
    path_.clear();
  }

 private:
  std::string out_, path_;
};

std::string next_text(const align::SessionPlan& plan, const std::string& out) {
  if (!plan.has_windows()) return "";
  const bool has_label =
      std::find(plan.columns.begin(), plan.columns.end(), "label") != plan.columns.end();
  const std::string key = align::key_column_of(plan);
  return fmt::format("Next: braid compare {}/manifest.csv --target {}{}\n", out,
                     has_label ? "label" : "COLUMN", key.empty() ? "" : " --group " + key);
}

int run(const std::vector<std::string>& args) {
  Command command(
      "Put streams of different rates and clocks on one timeline, as samples with a report.",
      "align STREAMS.csv [--rate HZ] [options]",
      {"braid align streams.csv --rate 25 --window 2s --hop 1s",
       "braid align streams.csv --rate 25 --tolerance 20ms --method audio=mean",
       "braid align clips.csv --events words.csv --method audio=cut --sync audio=mouth",
       "braid align clips.csv --window 1s --method audio=cut --method words=text",
       "braid align streams.csv --key participant --rate 4 --events windows.csv --out samples"});
  AlignFlags flags;
  ThreadFlags hardware;
  add_flags(&command, &flags);
  hardware.add(&command);
  if (!command.parse(args)) return 0;
  const std::vector<std::string> words = command.positional(1, 1, nullptr);
  const align::SessionOptions options = options_of(flags, hardware.num_threads());
  if (!flags.is_dry) check_out(flags.out);
  Terminal terminal;
  const align::StreamTable table = align::read_stream_table(words[0], flags.key);
  const align::SessionPlan plan = align::plan_session(table, options, terminal.sinks());
  const std::string line = command_line("align", args);
  if (flags.is_dry) {
    terminal.finish();
    const Json document = align::plan_json(plan, line);
    fmt::print("{}", flags.is_json ? document.dump() + "\n"
                                   : report::align_plan(document, Terminal::width()));
    return 0;
  }
  Draft draft(flags.out);
  const align::SessionResult result = align::write_session(plan, draft.path(), terminal.sinks());
  const Json document = align::session_json(plan, result, line);
  write_file_atomically(join_path(draft.path(), "report.json"), document.dump(1) + "\n");
  write_file_atomically(join_path(draft.path(), "report.html"), report::align_page(document));
  draft.keep();
  terminal.finish();
  if (flags.is_json) {
    fmt::print("{}\n", document.dump());
    return 0;
  }
  fmt::print("{}\nReport: {}/report.html\n{}", report::align_table(document, Terminal::width()),
             flags.out, next_text(plan, flags.out));
  return 0;
}

}  // namespace

extern const Method align = {"align", "put streams of different rates on one timeline", run};

}  // namespace braid::cli
