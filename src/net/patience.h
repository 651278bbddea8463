#pragma once
#include "net/wheel.h"

namespace net {

/// How long a connection is waited for, in ticks of the wheel.
struct Patience {
  /// For a TLS handshake and a request from its first byte to its last, and for the peer to take some
  /// of an answer.
  Tick request = 5;
  Tick ping = 20;  ///< after this much silence a WebSocket is pinged
  Tick idle = 40;  ///< and after this much it is dropped; more than `ping`
};

}  // namespace net
