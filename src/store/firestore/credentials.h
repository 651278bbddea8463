#pragma once
#include <grpcpp/security/credentials.h>

#include <expected>
#include <memory>
#include <string>

namespace store::firestore {

/// Google's application default credentials: the file that GOOGLE_APPLICATION_CREDENTIALS names (if
/// it is set, no other is tried), that of gcloud, or the service account of the machine. May wait
/// some seconds for the metadata server; call once, while starting. The error names the remedy, and
/// no path.
/// https://cloud.google.com/docs/authentication/application-default-credentials
[[nodiscard]] std::expected<std::shared_ptr<grpc::ChannelCredentials>, std::string>
default_credentials();

}  // namespace store::firestore
