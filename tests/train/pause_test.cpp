// A training that pauses after some epochs and goes on.
#include <gtest/gtest.h>

#include "core/file.h"
#include "support/tiny_runs.h"

namespace braid::train {
namespace {

using checks::bits;
using checks::TinyData;
using checks::TinyRun;

TEST(pause, a_run_tells_what_it_has_and_goes_on_to_the_same_bits) {
  const TinyData data;
  const TemporaryFolder folder;
  TinyRun run(data, /*epochs=*/6);
  const TrainResult whole = train(run.task());
  TrainTask task = run.task(folder / "run");
  task.pause_after = 2;
  const TrainResult paused = train(task);
  EXPECT_FALSE(paused.was_stopped);
  EXPECT_FALSE(paused.progress.is_finished);
  EXPECT_EQ(paused.progress.epoch, 2);
  EXPECT_EQ(
      paused.validation.loss,
      paused.progress.history[static_cast<size_t>(paused.progress.best_epoch - 1)].validation_loss);
  EXPECT_EQ(train(task).progress.epoch, 2) << "asked again, it stays there";
  task.pause_after = 0;
  const TrainResult finished = train(task);
  EXPECT_EQ(bits(*finished.model), bits(*whole.model));
  EXPECT_EQ(finished.progress.epoch, 6);
}

}  // namespace
}  // namespace braid::train
