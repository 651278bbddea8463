#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fake_firestore/counts.h"
#include "fake_firestore/documents.h"
#include "fake_firestore/failure.h"
#include "fake_firestore/query.h"
#include "fake_firestore/tokens.h"
#include "google/firestore/v1/firestore.pb.h"

namespace fake_firestore {

using Responses = std::vector<v1::ListenResponse>;

/// The targets of one Listen stream and what its client was told of them. What is returned leads
/// from one consistent snapshot of all targets to the next, which ends with a NO_CHANGE that has a
/// resume token. Not thread-safe.
class Targets {
 public:
  /// All outlive this; reads are added to `counts`.
  Targets(const Documents& documents, const Tokens& tokens, Counts& counts)
      : documents_(documents), tokens_(tokens), counts_(counts) {}

  /// A failure ends the stream.
  [[nodiscard]] Result<Responses> request(const v1::ListenRequest& wanted);
  /// What was committed meanwhile.
  [[nodiscard]] Responses catch_up();
  /// RESET and the whole result, of every target.
  [[nodiscard]] Responses reset();
  /// A later resume token, and nothing else.
  [[nodiscard]] Responses heartbeat();

 private:
  struct Target {
    std::optional<Query> query{};  // or
    std::set<std::string> documents{};
  };
  /// A document as a target sees it change: what it is now, null for gone from the result.
  using Steps = std::map<std::string, Document>;

  [[nodiscard]] static Result<Target> parse(const v1::Target& wanted);
  [[nodiscard]] static bool includes(const Target& target, const Document& document);
  [[nodiscard]] Result<std::optional<Micros>> resumed_from(const v1::Target& wanted) const;

  [[nodiscard]] Steps whole(const Target& target) const;
  [[nodiscard]] Steps changes(const Target& target, Micros from) const;
  [[nodiscard]] Steps window_changes(const Query& query, Micros from) const;

  [[nodiscard]] Result<Responses> add(const v1::Target& wanted);
  /// Of the steps of several targets, one message for each document.
  void tell(const std::map<int, Steps>& steps, Responses& out) const;
  [[nodiscard]] v1::ListenResponse document_message(const std::string& name,
                                                    const std::map<int, Document>& by_target) const;
  [[nodiscard]] v1::ListenResponse target_message(v1::TargetChange::TargetChangeType type,
                                                  std::optional<int> id) const;
  [[nodiscard]] v1::ListenResponse snapshot_message(v1::TargetChange::TargetChangeType type,
                                                    std::optional<int> id) const;

  const Documents& documents_;
  const Tokens& tokens_;
  Counts& counts_;
  std::map<int, Target> targets_;
  Micros told_ = 0;  // what the client has seen
};

}  // namespace fake_firestore
