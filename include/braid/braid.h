// Everything Braid promises to C++ programs.
#pragma once
#include "braid/error.h"
#include "braid/predictor.h"
#include "braid/stream.h"
#include "braid/synchronizer.h"
#include "braid/version.h"
