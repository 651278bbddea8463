#pragma once
#include "relay/admission.h"
#include "relay/extension/http_visits.h"
#include "relay/horizon.h"
#include "relay/visibility.h"

namespace relay {

struct RelayOptions;

/// Who calls over HTTP on one worker. Confined to its thread; what it is made of outlives it.
class Visits final : public HttpVisits {
 public:
  struct Parts {
    Admission& admission;
    const Visibility& visibility;
    HttpAuth& auth;
    const RelayOptions& options;  ///< as they are at the time
    const Horizon& horizon;
  };
  explicit Visits(Parts parts) : parts_(parts) {}

  [[nodiscard]] base::UnixSeconds now() const override;
  [[nodiscard]] boost::asio::awaitable<std::expected<std::unique_ptr<HttpVisit>, HttpResponse>>
  admit(const HttpRequest& request, const Charge& charge) override;

 private:
  const Parts parts_;
};

}  // namespace relay
