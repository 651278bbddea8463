#include "relay/extension/http_api.h"

#include "nostr/relay_message.h"

namespace relay {

HttpResponse http_error(int status, std::string_view code, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.body = R"({"error":)";
  nostr::append_json_string(response.body, text);
  response.body += R"(,"code":)";
  nostr::append_json_string(response.body, code);
  response.body += '}';
  return response;
}

}  // namespace relay
