// From sound and files to arrays, and from files to a trained model.
#pragma once
#include "bench/work.h"

namespace braid::bench {

/// Sounds of 10 s at 16 kHz to log-mel spectrograms, the sounds shared out among the threads.
Work log_mel_work(const Request& request);

/// JPEG files of 640 x 480 to standardised batches of 224 x 224, by as many workers as threads.
Work jpeg_work(const Request& request);
std::string what_hinders_jpeg();

/// `braid train` on the data set avdigits, from the start of the program to its end.
Work train_work(const Request& request);
std::string what_hinders_train();

}  // namespace braid::bench
