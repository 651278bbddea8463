#include "net/compression.h"

#include <gmock/gmock.h>

namespace net {
namespace {

/// The window agreed on; 0: none of the offers is taken; -1: this cannot be read.
int window_for(std::string_view offers) {
  const auto agreed = choose_compression(offers);
  return agreed ? agreed->window_bits : -1;
}

TEST(Compression, PlainOfferIsTakenWithTheLargestWindow) {
  EXPECT_EQ(window_for("permessage-deflate"), 15);
  EXPECT_EQ(window_for("permessage-deflate; client_max_window_bits"), 15);
  EXPECT_EQ(window_for("permessage-deflate;server_no_context_takeover;client_no_context_takeover"),
            15);
}

TEST(Compression, NothingOfferedIsNothingAgreed) {
  EXPECT_EQ(window_for(""), 0);
  EXPECT_EQ(window_for(" , ,"), 0);
  EXPECT_EQ(window_for("x-webkit-deflate-frame, permessage-bzip2; level=9"), 0);
}

TEST(Compression, WindowOfTheServerMayBe8To15) {
  for (int bits = 8; bits <= 15; ++bits) {
    const auto offer = "permessage-deflate; server_max_window_bits=" + std::to_string(bits);
    EXPECT_EQ(window_for(offer), bits);
  }
  EXPECT_EQ(window_for("permessage-deflate; server_max_window_bits=\"12\""), 12);
  EXPECT_EQ(window_for("permessage-deflate; server_max_window_bits=\"1\\2\""), 12);
}

TEST(Compression, OfferWithAWrongValueIsDeclined) {
  for (const std::string_view parameter :
       {"server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16",
        "server_max_window_bits=08", "server_max_window_bits=1000000000000",
        "server_max_window_bits=-9", "server_max_window_bits=x", "client_max_window_bits=7",
        "client_max_window_bits=16", "client_max_window_bits=010", "server_no_context_takeover=1",
        "client_no_context_takeover=true"})
    EXPECT_EQ(window_for("permessage-deflate; " + std::string(parameter)), 0) << parameter;
}

TEST(Compression, OfferWithAnUnknownOrRepeatedParameterIsDeclined) {
  EXPECT_EQ(window_for("permessage-deflate; mux"), 0);
  EXPECT_EQ(window_for("permessage-deflate; Server_No_Context_Takeover"), 0);
  EXPECT_EQ(window_for("permessage-deflate; client_max_window_bits; client_max_window_bits=9"), 0);
  EXPECT_EQ(window_for("permessage-deflate; server_max_window_bits=9; server_max_window_bits=9"),
            0);
}

TEST(Compression, FirstOfferThatCanBeKeptIsTaken) {
  EXPECT_EQ(window_for("permessage-deflate; server_max_window_bits=10, permessage-deflate"), 10);
  EXPECT_EQ(window_for("permessage-deflate; server_max_window_bits=99, permessage-deflate"), 15);
  EXPECT_EQ(window_for("permessage-deflate; unknown=1 ,permessage-bzip2,, permessage-deflate; "
                       "server_max_window_bits=11"),
            11);
}

TEST(Compression, BrokenGrammarIsNotDeclinedButRefused) {
  for (const std::string_view offers :
       {";", "permessage-deflate;", "permessage-deflate; ;",
        "permessage-deflate; a=", "permessage-deflate; =1", "permessage-deflate; a=\"",
        "permessage-deflate; a=\"\\", "permessage-deflate; a=\"\"", "permessage-deflate; a=\"1 2\"",
        "permessage-deflate a", "permessage-deflate; a b", "permessage-deflate; a=1 2",
        "permessage-deflate, (", "\x7f", "permessage-deflate; a=1=2", "\"permessage-deflate\""})
    EXPECT_EQ(window_for(offers), -1) << offers;
}

TEST(Compression, AnswerForbidsContextTakeoverAndNamesTheWindowOnlyWhereItWasAsked) {
  const std::string answer =
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  EXPECT_EQ(accepted_extension(*choose_compression("permessage-deflate")), answer);
  EXPECT_EQ(accepted_extension(*choose_compression("permessage-deflate; server_max_window_bits=9")),
            answer + "; server_max_window_bits=9");
  EXPECT_EQ(
      accepted_extension(*choose_compression("permessage-deflate; server_max_window_bits=15")),
      answer + "; server_max_window_bits=15");
}

}  // namespace
}  // namespace net
