#include "base/log.h"

#include <gmock/gmock.h>
#include <spdlog/sinks/base_sink.h>

#include "base/log_levels.h"
#include "base/repeated.h"

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What a formatter is given, as "message|name=json".
class Kept final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  std::vector<std::string> lines;

 private:
  void sink_it_(const spdlog::details::log_msg& logged) override {
    const auto line = base::line_of(logged);
    std::string text(line.message);
    base::for_each_field(line.fields, [&](std::string_view name, std::string_view json) {
      (((text += '|') += name) += '=') += json;
    });
    lines.push_back(std::move(text));
  }
  void flush_() override {}
};

struct Logging {
  std::shared_ptr<Kept> kept = std::make_shared<Kept>();
  base::Log log = std::make_shared<spdlog::logger>("test", kept);
};

TEST(Log, FieldsKeepTheirTypes) {
  Logging it;
  const std::string text = "say \"hi\"\n";
  base::log(it.log, base::level::info, "done",
            {{"kind", 445}, {"bytes", std::size_t{7}}, {"ok", true}, {"text", text}});
  EXPECT_THAT(it.kept->lines,
              ElementsAre(R"(done|kind=445|bytes=7|ok=true|text="say \"hi\"\u000a")"));
}

TEST(Log, NothingIsWrittenWhileTheLevelIsOff) {
  Logging it;
  base::log(it.log, base::level::debug, "done", {{"kind", 1}});
  EXPECT_TRUE(it.kept->lines.empty());
}

TEST(Log, TextOfAPlainCallIsNeverTakenForFields) {
  Logging it;
  it.log->info("{}",
               "done\x1ekind\x1f"
               "broken");
  EXPECT_THAT(it.kept->lines, ElementsAre("done\x1ekind\x1f"
                                          "broken"));
}

TEST(Log, BytesThatAreNoTextBecomeReplacementCharacters) {
  std::string out;
  base::append_quoted(out, "a\xff\xc3\xa9\xed\xa0\x80\xf0\x9f\x98\x80\xe2\x82");
  EXPECT_EQ(out, "\"a\\ufffd\xc3\xa9\\ufffd\\ufffd\\ufffd\xf0\x9f\x98\x80\\ufffd\\ufffd\"");
}

TEST(Log, AComponentHasATargetOfItsOwn) {
  Logging it;
  EXPECT_EQ(base::component(it.log, "net")->name(), "mls_gateway::net");
}

TEST(LogLevels, OneForAllAndOthersForParts) {
  const auto levels = base::parse_log_levels("warn, net=debug,mls_gateway::STORE=off,net=trace");
  ASSERT_TRUE(levels) << levels.error();
  EXPECT_EQ(levels->of("mls_gateway::relay"), base::level::warn);
  EXPECT_EQ(levels->of("mls_gateway::net"), base::level::trace) << "the last word counts";
  EXPECT_EQ(levels->of("mls_gateway::store"), base::level::off);
  EXPECT_EQ(base::parse_log_levels("mls_gateway=debug")->of("mls_gateway::app"),
            base::level::debug);
}

TEST(LogLevels, WhatIsNotKnownIsNamed) {
  EXPECT_THAT(base::parse_log_levels("").error(), HasSubstr("is not known"));
  EXPECT_THAT(base::parse_log_levels("net=loud").error(), HasSubstr("\"loud\" is not known"));
  EXPECT_THAT(base::parse_log_levels("ned=info").error(), HasSubstr("\"ned\" is no part"));
}

TEST(LogLevels, OfOtherProgramsNothingIsTaken) {
  const std::pair<std::string, std::string> cases[] = {
      {"info,hyper=debug", "info"},
      {"hyper,DEBUG,trace", "debug"},
      {"hyper=debug", ""},
      {"info,hyper=trace,mls_gateway::net=Debug", "info,mls_gateway::net=debug"},
      {"net=debug", "net=debug"},
      {"loud", "loud"},
      {"", ""}};
  for (const auto& [text, own] : cases) EXPECT_EQ(base::own_log_levels(text), own) << text;
}

TEST(Repeated, IsSaidAtOnceAndThenWithHowOftenItWas) {
  base::Repeated repeated;
  const base::Repeated::Steady start{};
  EXPECT_EQ(repeated.again(start), 1u);
  EXPECT_EQ(repeated.again(start + std::chrono::seconds(1)), std::nullopt);
  EXPECT_EQ(repeated.again(start + std::chrono::seconds(29)), std::nullopt);
  EXPECT_EQ(repeated.again(start + std::chrono::seconds(30)), 3u);
  EXPECT_EQ(repeated.again(start + std::chrono::seconds(31)), std::nullopt);
}

}  // namespace
