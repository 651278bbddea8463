#include "store/firestore/failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace store::firestore {
namespace {

using Code = grpc::StatusCode;

constexpr std::size_t max_message = 400;

constexpr std::array<std::string_view, 17> names{
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

std::string_view name_of(Code code) {
  const auto number = static_cast<std::size_t>(code);
  return number < names.size() ? names[number] : names[Code::UNKNOWN];
}

/// Leaves out what stands behind "/documents/".
std::string without_documents(std::string_view text) {
  constexpr std::string_view mark = "/documents/";
  std::string kept;
  for (auto at = text.find(mark); at != text.npos; at = text.find(mark)) {
    kept.append(text.substr(0, at + mark.size())).append("...");
    text.remove_prefix(std::min(text.size(), text.find_first_of(" \t\n'\"", at)));
  }
  return kept.append(text).substr(0, max_message);
}

std::string_view remedy(const Failure& failure) {
  switch (failure.code) {
    case Code::PERMISSION_DENIED:
      return "; give the gateway's account the IAM role roles/datastore.user";
    case Code::UNAUTHENTICATED:
      return "; check the credentials: gcloud auth application-default login, "
             "GOOGLE_APPLICATION_CREDENTIALS, or the service account";
    case Code::NOT_FOUND:
      return "; make the database: gcloud firestore databases create --type=firestore-native";
    case Code::RESOURCE_EXHAUSTED:
      return "; a quota of the project is used up: see Firestore's quotas in the console";
    case Code::FAILED_PRECONDITION:
      return failure.message.contains("index")
                 ? "; deploy the indexes of deploy/cloudrun/firestore.indexes.json"
                 : "; the database is to be in native mode";
    default:
      return "";
  }
}

}  // namespace

Failure failure_of(const grpc::Status& status) {
  return {.code = status.error_code(), .message = without_documents(status.error_message())};
}

bool is_passing(const Failure& failure) {
  switch (failure.code) {
    case Code::ABORTED:
    case Code::DEADLINE_EXCEEDED:
    case Code::INTERNAL:
    case Code::RESOURCE_EXHAUSTED:
    case Code::UNAVAILABLE:
    case Code::UNKNOWN:
      return true;
    case Code::CANCELLED:  // what was not sent was cancelled here
      return failure.sent;
    default:
      return false;
  }
}

bool may_have_happened(const Failure& failure) {
  switch (failure.code) {
    case Code::CANCELLED:
    case Code::DEADLINE_EXCEEDED:
    case Code::INTERNAL:
    case Code::UNAVAILABLE:
    case Code::UNKNOWN:
      return failure.sent;
    default:
      return false;
  }
}

StoreError error_of(const Failure& failure) {
  const bool damaged = failure.code == Code::DATA_LOSS;
  return {
      damaged ? StoreError::Code::corrupt : StoreError::Code::unavailable,
      fmt::format("Firestore: {}: {}{}", name_of(failure.code), failure.message, remedy(failure))};
}

}  // namespace store::firestore
