#include "store/firestore/credentials.h"

#include <cstdlib>
#include <fstream>

namespace store::firestore {
namespace {

constexpr const char* variable = "GOOGLE_APPLICATION_CREDENTIALS";

}  // namespace

std::expected<std::shared_ptr<grpc::ChannelCredentials>, std::string> default_credentials() {
  const char* const file = std::getenv(variable);
  if (file && !std::ifstream(file))  // gRPC would go on to other identities
    return std::unexpected("the file that GOOGLE_APPLICATION_CREDENTIALS names cannot be read");
  if (auto found = grpc::GoogleDefaultCredentials()) return found;
  return std::unexpected(
      file ? "the file that GOOGLE_APPLICATION_CREDENTIALS names holds no credentials of Google"
           : "no credentials for Google Cloud: run gcloud auth application-default login, set "
             "GOOGLE_APPLICATION_CREDENTIALS to a key file, or, on Cloud Run, give the service a "
             "service account");
}

}  // namespace store::firestore
