#pragma once
// Why Firestore did not do what was asked.
#include <grpcpp/support/status.h>

#include <string>

#include "store/store_error.h"

namespace store::firestore {

/// For the operator's log: `message` holds no names of documents, since keys are part of them, and is
/// short.
struct Failure {
  grpc::StatusCode code{};  ///< google.rpc.Code; never OK
  std::string message{};
  bool sent = true;  ///< false: the request did not leave this process
};

/// REQUIRES: not ok.
[[nodiscard]] Failure failure_of(const grpc::Status& status);

/// Another try may go better: ABORTED, CANCELLED, DEADLINE_EXCEEDED, INTERNAL, RESOURCE_EXHAUSTED,
/// UNAVAILABLE, UNKNOWN. https://cloud.google.com/firestore/docs/understand-error-codes
[[nodiscard]] bool is_passing(const Failure& failure);

/// A Commit that failed so may have been applied, or may yet be: its answer was lost.
[[nodiscard]] bool may_have_happened(const Failure& failure);

/// What a failure means to who asked the store. Says the remedy where there is one. Never
/// unknown_outcome: who committed decides that.
[[nodiscard]] StoreError error_of(const Failure& failure);

}  // namespace store::firestore
