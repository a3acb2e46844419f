// Asserts an Error's kind and message, which are promises as much as any value.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "core/error.h"

namespace braid::testing {

/// `call` must throw an Error of this kind whose message is one line and holds `part`.
inline void expect_error(ErrorKind kind, const std::string& part,
                         const std::function<void()>& call) {
  try {
    call();
    ADD_FAILURE() << "expected an Error with '" << part << "', got none";
  } catch (const Error& e) {
    const std::string message = e.what();
    EXPECT_STREQ(to_string(e.kind()), to_string(kind)) << message;
    EXPECT_NE(message.find(part), std::string::npos)
        << "expected '" << part << "' in '" << message << "'";
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

}  // namespace braid::testing
