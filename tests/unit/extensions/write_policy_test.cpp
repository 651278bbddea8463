// [extensions.write_policy] with real plugins, small shell scripts.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spdlog/sinks/ostream_sink.h>

#include <atomic>
#include <fstream>
#include <sstream>

#include "extensions/write_policy/extension.h"
#include "extensions/write_policy/plugin.h"
#include "support/temp_folder.h"
#include "unit/relay/relay_fixture.h"

namespace {

using extensions::write_policy::Config;
using extensions::write_policy::WritePolicy;
using test::Client;
using testing::HasSubstr;
using testing::Not;

// `body` is run for each question, with its event's id in $id.
std::string for_each_question(const std::string& body) {
  return R"(while read -r line; do
  id=${line#*\"event\":\{\"id\":\"}; id=${id%%\"*}
)" + body +
         "\ndone\n";
}

class WritePolicyTest : public test::RelayFixture {
 protected:
  void TearDown() override {
    end();
    RelayFixture::TearDown();
  }

  /// A script of this text; replaces the one before in one step.
  std::string script(const std::string& text) {
    const auto path = folder_.path() / "plugin";
    const auto next = folder_.path() / "next";
    std::ofstream(next)
        << "#!/bin/sh\n"
           "answer() { printf '{\"id\":\"%s\",\"action\":\"%s\",\"msg\":\"%s\"}\\n' "
           "\"$@\"; }\n"
        << text;
    std::filesystem::permissions(next, std::filesystem::perms::owner_all);
    std::filesystem::rename(next, path);
    return path.string();
  }
  void ask(Config config, relay::Extensions before = {}) {
    policy_ = std::make_shared<WritePolicy>(std::move(config), log_to_text_);
    before.push_back(policy_);
    start(std::move(before));
  }
  void ask_script(const std::string& text, std::int64_t timeout_ms = 4000) {
    ask({.plugin = script(text), .timeout_ms = timeout_ms});
  }
  void reload(Config config) {
    policy_->configure(std::move(config));
    worker_->reload(options_);
  }

  std::string note(const std::string& content) {
    return alice.sign(1, {}, fmt::format("{} {}", content, ++written_), now_);
  }
  std::string publish(Client& client, const std::string& content = "hello") {
    return RelayFixture::publish(client, note(content));
  }
  void send_note(Client& client, const std::string& content) {
    (void)send(client, "[\"EVENT\"," + note(content) + "]");
  }
  /// Publishes until the answer is a different one: what a plugin does after it was started again.
  std::string publish_until(Client& client, const std::string& part) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::string ok;
    do ok = publish(client);
    while (!ok.contains(part) && std::chrono::steady_clock::now() < deadline);
    return ok;
  }
  std::string file(const std::string& name) const {
    std::ifstream in(folder_.path() / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  /// All that was logged; ends the plugin, whose thread logs.
  std::string logged() {
    end();
    return text_.str();
  }
  void end() {
    if (!worker_) return;
    for (const auto& client : clients_) client->session->on_closed();
    clients_.clear();
    worker_->stop();
    writer_->stop();
    writer_.reset();
    context_.restart();
    context_.poll();
    worker_.reset();
    extensions_.clear();
    staging_.reset();
    policy_.reset();
  }

  const testing::Matcher<std::string> taken = HasSubstr(",true,\"\"");
  const testing::Matcher<std::string> failed = HasSubstr(",false,\"error: ");
  const test::Signer alice{1};
  std::shared_ptr<WritePolicy> policy_;

 private:
  test::TempFolder folder_;
  std::ostringstream text_;
  const base::Log log_to_text_ = [this] {
    auto log = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_, true));
    log->set_level(spdlog::level::debug);
    log->set_pattern("%l %v");
    return log;
  }();
  int written_ = 0;
};

TEST_F(WritePolicyTest, ThePluginAcceptsAndRejects) {
  ask_script(for_each_question(R"(case "$line" in
    *spam*) answer $id reject 'blocked: no spam' ;;
    *) answer $id accept ;;
  esac)"));
  auto& client = connect();
  EXPECT_THAT(publish(client), taken);
  EXPECT_THAT(publish(client, "spam"), HasSubstr(",false,\"blocked: no spam\""));
  EXPECT_THAT(request(client, "q", "{}"), testing::SizeIs(2)) << "one event and EOSE";
}

TEST_F(WritePolicyTest, AShadowRejectedEventIsAcceptedInWordsOnly) {
  ask_script(for_each_question("answer $id shadowReject"));
  auto& reader = connect();
  (void)request(reader, "live", "{}");
  auto& client = connect();
  EXPECT_THAT(publish(client), taken);
  EXPECT_THAT(request(client, "q", "{}"), testing::SizeIs(1));
  EXPECT_FALSE(has_seen(reader, "\"EVENT\""));
}

TEST_F(WritePolicyTest, OneProcessIsAskedForAllConnections) {
  ask_script(for_each_question("n=$((n+1)); answer $id reject \"blocked: $n\""));
  for (int n = 1; n <= 3; ++n)
    EXPECT_THAT(publish(connect()), HasSubstr(fmt::format("blocked: {}\"", n)));
}

TEST_F(WritePolicyTest, AnswersAreMatchedByIdWhateverTheirOrder) {
  ask_script(for_each_question(R"(case "$line" in
    *first*) held=$id ;;
    *) answer $id accept; answer $held reject 'blocked: held' ;;
  esac)"));
  auto& slow = connect();
  auto& quick = connect();
  send_note(slow, "first");
  EXPECT_THAT(publish(quick, "second"), taken);
  EXPECT_THAT(await(slow, "[\"OK\""), HasSubstr("blocked: held"));
}

TEST_F(WritePolicyTest, AConnectionsNextMessageWaitsForTheAnswer) {
  ask_script(for_each_question("answer $id accept"));
  auto& client = connect();
  EXPECT_EQ(send(client, "[\"EVENT\"," + note("one") + "]"), relay::Session::Flow::wait);
  EXPECT_THAT(await(client, "[\"OK\""), taken);
  EXPECT_TRUE(client.resumed);
}

TEST_F(WritePolicyTest, ACrashIsANoAndThePluginIsStartedAgain) {
  ask_script(
      for_each_question(R"(case "$line" in *crash*) exit 3 ;; *) answer $id accept ;; esac)"));
  auto& client = connect();
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(publish(client, "crash"), failed);
    EXPECT_THAT(publish(client), taken) << "the question waits for the new process";
  }
  EXPECT_THAT(request(client, "q", "{}"), testing::SizeIs(3));
  EXPECT_THAT(logged(), HasSubstr("warning the write policy plugin ended: exit status 3"));
}

TEST_F(WritePolicyTest, WithoutAnAnswerInTimeItIsNoAndAnotherProcessIsAskedNext) {
  ask_script(for_each_question(R"(case "$line" in *never*) ;; *) answer $id accept ;; esac)"), 300);
  auto& client = connect();
  EXPECT_THAT(publish(client, "never"), HasSubstr(",false,\"error: the write policy did not"));
  EXPECT_THAT(publish_until(client, ",true,"), taken);
  EXPECT_THAT(logged(), HasSubstr("does not answer; it is killed"));
}

TEST_F(WritePolicyTest, ASlowPluginIsNotTakenForADeadOne) {
  ask_script(
      "n=0\n" + for_each_question("n=$((n+1)); sleep 0.2; answer $id reject \"blocked: $n\""), 700);
  std::vector<Client*> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(&connect());
    send_note(*clients.back(), "x");
  }
  int late = 0;
  for (Client* client : clients) late += await(*client, "[\"OK\"").contains("error: ");
  EXPECT_GT(late, 0);
  EXPECT_LT(late, 8);
  EXPECT_THAT(logged(), Not(HasSubstr("killed")));
}

TEST_F(WritePolicyTest, LinesThatAnswerNothingArePassedOver) {
  ask_script("echo ready\n" + for_each_question(R"(echo "looking at it"
  answer 0000000000000000000000000000000000000000000000000000000000000000 accept
  answer $id accept)"));
  EXPECT_THAT(publish(connect()), taken);
  EXPECT_THAT(logged(), HasSubstr("a line that answers nothing"));
}

TEST_F(WritePolicyTest, AnActionThatIsNoneIsANo) {
  ask_script(for_each_question("answer $id perhaps"));
  EXPECT_THAT(publish(connect()), failed);
}

TEST_F(WritePolicyTest, ALineThatNeverEndsEndsThePlugin) {
  ask_script(for_each_question("exec cat /dev/zero"));
  EXPECT_THAT(publish(connect()), failed);
}

TEST_F(WritePolicyTest, WhatWaitsForASlowPluginIsBoundedInBytes) {
  constexpr std::size_t mebibyte = 1UL << 20;
  std::atomic<int> answers = 0;
  std::string busy;
  {
    extensions::write_policy::Plugin plugin(
        {.plugin = script("exec sleep 1000"), .timeout_ms = 60'000}, log_);
    for (int i = 0; i < 64; ++i)
      plugin.ask({}, std::string(mebibyte, 'x'), [&](const relay::Verdict&) { ++answers; });
    EXPECT_EQ(answers, 0);
    plugin.ask({}, "x", [&](const relay::Verdict& verdict) { busy = verdict.reason(); });
  }
  EXPECT_THAT(busy, HasSubstr("too busy"));
}

TEST_F(WritePolicyTest, APluginThatIsNotThereIsANo) {
  ask({.plugin = path("nothing"), .timeout_ms = 300});
  EXPECT_THAT(publish(connect()), failed);
  EXPECT_THAT(logged(), HasSubstr("exit status 127"));
}

TEST_F(WritePolicyTest, ChangingTheScriptChangesThePolicy) {
  ask_script(for_each_question("answer $id accept"));
  auto& client = connect();
  EXPECT_THAT(publish(client), taken);
  (void)script(for_each_question("answer $id reject 'blocked: new'"));
  EXPECT_THAT(publish(client), HasSubstr("blocked: new"));
}

TEST_F(WritePolicyTest, AReloadSetsChangesAndTakesAwayThePlugin) {
  ask({});
  auto& client = connect();
  EXPECT_THAT(publish(client), taken);
  reload({.plugin = "exec " + script(for_each_question("answer $id reject 'blocked: one'"))});
  EXPECT_TRUE(policy_->restricts_writes());
  EXPECT_THAT(publish(client), HasSubstr("blocked: one"));
  reload({.plugin = "sh " + script(for_each_question("answer $id reject 'blocked: two'"))});
  EXPECT_THAT(publish(client), HasSubstr("blocked: two"));
  reload({});
  EXPECT_THAT(publish(client), taken);
}

/// Denies what says so.
class Sayer final : public relay::Extension {
  class Half final : public relay::WorkerExtension {
    relay::Verdict check_event(const relay::EventContext& context) override {
      return context.event.json.contains("denied") ? relay::Verdict::deny("restricted: first")
                                                   : relay::Verdict::pass();
    }
  };

 public:
  std::string_view name() const override { return "sayer"; }
  relay::Phases phases() const override { return relay::Phase::check_event; }
  std::unique_ptr<relay::WorkerExtension> attach(relay::WorkerServices) const override {
    return std::make_unique<Half>();
  }
};

TEST_F(WritePolicyTest, IsAskedOnlyAboutWhatAllElseLetPass) {
  ask({.plugin = script(for_each_question("n=$((n+1)); answer $id reject \"blocked: asked $n\""))},
      {std::make_shared<Sayer>()});
  auto& client = connect();
  EXPECT_THAT(publish(client, "denied"), HasSubstr("restricted: first"));
  std::string forged = note("forged");
  forged[forged.size() - 4] = forged[forged.size() - 4] == '0' ? '1' : '0';
  EXPECT_THAT(RelayFixture::publish(client, forged), HasSubstr(",false,\"invalid: "));
  EXPECT_THAT(publish(client), HasSubstr("blocked: asked 1\""));
}

TEST_F(WritePolicyTest, ThePluginGetsNeitherTokensNorSockets) {
  const int opened = ::open("/dev/null", O_RDONLY);
  const int leaked = fcntl(opened, F_DUPFD, 200);  // not close-on-exec, and no number of a shell's
  ASSERT_GE(leaked, 200);
  ASSERT_EQ(setenv("MLS_GATEWAY_TEST_TOKEN", "secret", 1), 0);
  ask_script(for_each_question(
      "answer $id reject \"blocked: <$MLS_GATEWAY_TEST_TOKEN> $(test -n \"$PATH\" && echo path) "
      "$(test -e /proc/$$/fd/" +
      std::to_string(leaked) + " && echo leaked)\""));
  EXPECT_THAT(publish(connect()), HasSubstr("blocked: <> path \""));
  unsetenv("MLS_GATEWAY_TEST_TOKEN");
  ::close(leaked);
  ::close(opened);
}

TEST_F(WritePolicyTest, WhatItComplainsOfIsLoggedForDebuggingAloneAndInBounds) {
  ask_script(R"(i=0; while [ $i -lt 300 ]; do echo "complaint" >&2; i=$((i+1)); done
)" + for_each_question("answer $id accept"));
  EXPECT_THAT(publish(connect()), taken);
  std::istringstream lines(logged());
  int debug = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool complaint = line.contains("complaint");
    debug += complaint;
    EXPECT_EQ(complaint, line.starts_with("debug ")) << line;
  }
  EXPECT_GT(debug, 0);
  EXPECT_LE(debug, 100);
}

TEST_F(WritePolicyTest, ItEndsWithTheRelayEvenIfItIgnoresThat) {
  ask_script("trap '' TERM\necho $$ > " + path("pid") + "\n" +
             for_each_question("answer $id accept; exec sleep 1000"));
  EXPECT_THAT(publish(connect()), taken);
  const int pid = std::stoi(file("pid"));
  EXPECT_EQ(kill(pid, 0), 0);
  end();
  EXPECT_EQ(kill(pid, 0), -1) << "it is gone, and waited for";
}

TEST_F(WritePolicyTest, WhoWaitsWhileTheRelayStopsKeepsNothingAlive) {
  ask_script(for_each_question(""), 60'000);
  auto& client = connect();
  send_note(client, "x");
  context_.restart();
  context_.poll();
  worker_->stop();
  EXPECT_THAT(await(client, "[\"OK\""), failed);
}

}  // namespace
